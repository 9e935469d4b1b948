"""Stash: working memory for AI agents. Importing this package imports nothing else.

>>> from stash_memory import Stash
>>> stash = Stash(backend="memory")
>>> memory = stash.set("my-key", {"task": "summarize", "progress": 0.5}, ttl=3600)
>>> stash.get("my-key")
{'task': 'summarize', 'progress': 0.5}
"""

# Type checkers treat this name as true. Importing `typing` instead would cost a quarter of bare Python's start.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from stash_memory.client.async_stash import AsyncStash as AsyncStash
    from stash_memory.client.batch import AsyncBatch as AsyncBatch
    from stash_memory.client.batch import Batch as Batch
    from stash_memory.client.choice import Choice as Choice
    from stash_memory.client.memory import UNSET as UNSET
    from stash_memory.client.memory import Entry as Entry
    from stash_memory.client.memory import Memory as Memory
    from stash_memory.client.stash import Stash as Stash
    from stash_memory.config import BadSetting as BadSetting
    from stash_memory.errors import ContentLengthMismatch as ContentLengthMismatch
    from stash_memory.errors import InvalidApiKey as InvalidApiKey
    from stash_memory.errors import InvalidRequest as InvalidRequest
    from stash_memory.errors import KeyNotFound as KeyNotFound
    from stash_memory.errors import MemoryExpired as MemoryExpired
    from stash_memory.errors import MemoryMissing as MemoryMissing
    from stash_memory.errors import MemoryNotFound as MemoryNotFound
    from stash_memory.errors import PayloadTooLarge as PayloadTooLarge
    from stash_memory.errors import PreconditionFailed as PreconditionFailed
    from stash_memory.errors import QuotaExceeded as QuotaExceeded
    from stash_memory.errors import RateLimited as RateLimited
    from stash_memory.errors import RequestTimeout as RequestTimeout
    from stash_memory.errors import ScopeDenied as ScopeDenied
    from stash_memory.errors import StashError as StashError
    from stash_memory.errors import StoreFull as StoreFull
    from stash_memory.errors import StoreUnavailable as StoreUnavailable

__version__ = "0.1.0"

# Each public name and its module, which the first use of the name imports.
_HOMES = {
    "Stash": "client.stash",
    "AsyncStash": "client.async_stash",
    "Memory": "client.memory",
    "Entry": "client.memory",
    "UNSET": "client.memory",
    "Batch": "client.batch",
    "AsyncBatch": "client.batch",
    "Choice": "client.choice",
    "BadSetting": "config",
    "StashError": "errors",
    "InvalidRequest": "errors",
    "ContentLengthMismatch": "errors",
    "InvalidApiKey": "errors",
    "ScopeDenied": "errors",
    "KeyNotFound": "errors",
    "MemoryMissing": "errors",
    "MemoryNotFound": "errors",
    "MemoryExpired": "errors",
    "RequestTimeout": "errors",
    "PreconditionFailed": "errors",
    "PayloadTooLarge": "errors",
    "RateLimited": "errors",
    "QuotaExceeded": "errors",
    "StoreUnavailable": "errors",
    "StoreFull": "errors",
}

__all__ = [*_HOMES, "__version__"]


if not TYPE_CHECKING:  # otherwise type checkers would accept any name

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
