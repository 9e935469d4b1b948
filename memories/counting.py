"""Counts operations for the usage of their users and keys."""

from django.conf import settings

from accounts.account import Account
from accounts.usage import columns
from accounts.usage.buffer import buffer
from stash_memory.operations import VERBS, Recall

# The column of usage for an operation, by the log's name for its success; any other is a request, and no more.
# A verb that names a column which is not there stops the start.
OUTCOMES = {kind.verb.event: (columns.COLUMNS.index(kind.verb.tally),) for kind in VERBS if kind.verb.tally}
RECALLED = Recall.verb.event
MISSES = {404: (columns.RECALLS_MISSING,), 410: (columns.RECALLS_EXPIRED,)}
NOTHING = ()
ON: bool = settings.STASH_USAGE


class Effects:
    """What one request's operations did, in the columns of usage."""

    __slots__ = ("bytes_in", "bytes_out", "outcomes")

    def __init__(self) -> None:
        self.outcomes: tuple[int, ...] = NOTHING
        self.bytes_in = 0
        self.bytes_out = 0

    def add(self, event: str, method: str | None, status: int, payload_bytes: int | None) -> None:
        """One operation more: its event, the method and status of its request, and the bytes of its payload."""
        outcomes = OUTCOMES.get(event, NOTHING)
        if event == RECALLED:
            self.bytes_out += payload_bytes if payload_bytes and method != "HEAD" else 0
        elif outcomes:
            self.bytes_in += payload_bytes or 0
        elif event == "stash_missed" and method in ("GET", "HEAD"):
            # An update or a forget of what is not there is a 4xx, and no recall.
            outcomes = MISSES[status]
        self.outcomes += outcomes


def count(effects: Effects, status: int, milliseconds: float, account: Account | None) -> None:
    """One request: for its key and user, and without a valid key for the service alone. Whatever has a line in
    the log is counted once."""
    if not ON:
        return
    if account is None:
        buffer.count("", "", status, milliseconds, effects.outcomes)
    else:
        buffer.count(
            account.user_id,
            account.key_id,
            status,
            milliseconds,
            effects.outcomes,
            effects.bytes_in,
            effects.bytes_out,
        )
