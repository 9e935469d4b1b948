"""What went wrong, as one sentence on standard error and an exit code."""

from typing import TYPE_CHECKING

from stash_memory import config, errors
from stash_memory.cli import output
from stash_memory.cli.measures import duration
from stash_memory.exit_codes import NOT_THERE, UNAVAILABLE, WRONG_USE

if TYPE_CHECKING:
    from stash_memory.client.choice import Choice

_CODES = (
    (errors.MemoryMissing, NOT_THERE),
    (errors.PreconditionFailed, NOT_THERE),  # what the condition names is not there
    (errors.InvalidRequest, WRONG_USE),
    (errors.InvalidApiKey, WRONG_USE),
    (errors.ScopeDenied, WRONG_USE),
    (errors.PayloadTooLarge, WRONG_USE),
    (config.BadSetting, WRONG_USE),
)


def told(error: Exception) -> int:
    """Says it; returns the exit code."""
    output.message(_system_said(error) if isinstance(error, OSError) else str(error))
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNAVAILABLE)


def said_better(error: errors.StashError, choice: "Choice", key_source: str) -> errors.StashError:
    """The same error, in the words of the command line: what to do is what one can do there."""
    detail = error.detail
    if isinstance(error, errors.InvalidApiKey):
        detail = f"{choice.address} does not know the key from {key_source}: check the key and the URL."
    elif isinstance(error, errors.InvalidRequest) and error.field == "memory_id":
        detail = detail.replace("memory_id", "KEY")
    elif isinstance(error, errors.PayloadTooLarge) and choice.backend != "hosted":
        detail = f"{detail.removesuffix('.')}: store less, or raise STASH_MAX_PAYLOAD_BYTES."
    elif isinstance(error, errors.StoreUnavailable) and error.applied == "unknown":
        detail = f"{detail.removesuffix('.')} (the write may have been done anyway)."
    error.args, error.detail = (detail,), detail
    return error


def missing(key: str, error: errors.MemoryMissing, now_ms: int) -> str:
    """The sentence about a memory that is not there, or no more."""
    if isinstance(error, errors.MemoryExpired):
        ago = duration(max(0, now_ms - error.expired_at_ms) // 1000)
        return f"'{key}' expired at {error.expired_at:%Y-%m-%dT%H:%M:%SZ}, {ago} ago, and its data is gone."
    return f"There is no memory '{key}': it was forgotten or never existed."


def _system_said(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or error}."
