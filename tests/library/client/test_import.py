"""What importing costs: nothing heavy, and the public names are those that are promised."""

import json
import subprocess
import sys

import pytest

import stash_memory
from stash_memory.client.problems import walk_tree

HEAVY = {
    "django",
    "rest_framework",
    "httpx2",
    "httpcore2",
    "redis",
    "msgspec",
    "sqlite3",
    "asyncio",
    "celery",
}
NAMES = [
    "AsyncBatch",
    "AsyncStash",
    "BadSetting",
    "Batch",
    "Choice",
    "ContentLengthMismatch",
    "Entry",
    "InvalidApiKey",
    "InvalidRequest",
    "KeyNotFound",
    "Memory",
    "MemoryExpired",
    "MemoryMissing",
    "MemoryNotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "QuotaExceeded",
    "RateLimited",
    "RequestTimeout",
    "ScopeDenied",
    "Stash",
    "StashError",
    "StoreFull",
    "StoreUnavailable",
    "UNSET",
    "__version__",
]


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh Python has after `code`, and had not before."""
    program = (
        f"import sys, json; old = set(sys.modules); {code}; print(json.dumps([*{{*sys.modules}} - old]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_public_names_are_these() -> None:
    assert sorted(stash_memory.__all__) == NAMES
    assert set(NAMES) <= set(dir(stash_memory))
    for name in NAMES:
        assert getattr(stash_memory, name) is not None


def test_every_error_of_the_tree_is_public() -> None:
    assert {kind.__name__ for kind in walk_tree()} <= set(NAMES)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Stush'"):
        stash_memory.Stush  # noqa: B018


def test_to_import_it_imports_nothing_heavy() -> None:
    loaded = loaded_by("import stash_memory")
    assert loaded == {"stash_memory"}


@pytest.mark.parametrize(
    ("code", "drivers"),
    [
        ("from stash_memory import Stash", {"msgspec"}),
        ("from stash_memory import Stash; Stash('memory')", {"msgspec"}),
        ("from stash_memory import Stash; Stash(path='x.db')", {"msgspec", "sqlite3"}),
        ("from stash_memory import MemoryNotFound", set()),
    ],
)
def test_only_what_is_used_is_loaded(code: str, drivers: set[str]) -> None:
    loaded = loaded_by(code)
    assert loaded & HEAVY == drivers
