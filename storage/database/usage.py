"""Caps: what a user keeps, counted in a row of its own for those users only who were ever written with caps.

On PostgreSQL each user has a lock besides. Who writes with caps, or writes several records, takes it alone; all
others who add, remove or resize that user's records share it. So a row of usage that is not there cannot come
between looking for it and writing, and nobody has to wait who pays for no cap.
"""

from dataclasses import dataclass

from stash_memory.backends.base import Caps
from stash_memory.bucket import Spend
from stash_memory.errors import QuotaExceeded
from storage.database import buckets
from storage.database.turn import Row, Turn, Values, lock_number

ENTER = "SELECT memories, bytes FROM {usage} AS kept"
_PAID_ENTER = (
    f"{buckets.PAID} SELECT {buckets.RECEIPT}, kept.memories, kept.bytes FROM paid"  # noqa: S608
    " LEFT JOIN LATERAL memories_usage_of(paid.user_id, %(lock)s, %(alone)s) AS kept ON TRUE"
)
_START = (
    "INSERT INTO memories_usage (user_id, memories, bytes)"
    " SELECT %(user)s, count(*), COALESCE(sum(size), 0) FROM memories_record"
    " WHERE user_id = %(user)s AND NOT cleared RETURNING memories, bytes"
)
_EXPIRED = (
    "SELECT count(*), CAST(COALESCE(sum(size), 0) AS bigint) FROM memories_record"
    " WHERE user_id = %(user)s AND NOT cleared AND expires_at_ms <= %(now_ms)s"
)
_CHANGE = (
    "UPDATE memories_usage SET memories = memories + %(memories)s, bytes = bytes + %(bytes)s"
    " WHERE user_id = %(user)s"
)


def entry(user: str, *, alone: bool = False) -> Values:
    """The values of ENTER."""
    return {"user": user, "lock": lock_number(user), "alone": alone}


@dataclass(slots=True)
class Usage:
    """What one user keeps, as a transaction that changes it sees it. `counted`: there is a row to keep true.

    What expired and is not cleared yet is counted, too.
    """

    user: str
    counted: bool
    memories: int = 0
    bytes: int = 0
    more_memories: int = 0
    more_bytes: int = 0

    @classmethod
    def enter(
        cls, turn: Turn, user: str, spend: Spend | None, *, capped: bool = False, alone: bool = False
    ) -> "Usage":
        """Pays, and takes the user's lock, before any record's; `capped` begins to count where nobody did yet.

        Raises RateLimited.
        """
        values = entry(user, alone=alone or capped)
        row: Row | None
        if buckets.in_one_statement(spend, turn.dialect):
            row = buckets.pay(turn, user, spend, _PAID_ENTER, values)
            row = None if row[0] is None else row
        else:
            buckets.charge(turn, user, spend)
            row = turn.row(ENTER, values)
        if row is None and capped:
            row = turn.row(_START, {"user": user})
        return cls(user, False) if row is None else cls(user, True, *row)

    def check(self, turn: Turn, caps: Caps | None, live_size: int | None, size: int) -> None:
        """Raises QuotaExceeded when `size` bytes in place of `live_size` (None: of no live record) are too much."""
        if caps is None or (live_size is not None and size <= live_size):
            return
        memories = self.memories + (live_size is None)
        held = self.bytes + size - (live_size or 0)
        if _fits(caps, memories, held):
            return
        # Subtracting what expired and is not cleared yet says the same as clearing it here would, from an index.
        [expired] = turn.rows(_EXPIRED, {"user": self.user, "now_ms": turn.now_ms})
        if not _fits(caps, memories - expired[0], held - expired[1]):
            raise QuotaExceeded

    def change(self, memories: int, size: int) -> None:
        """Notes how many records and bytes more there are."""
        self.memories += memories
        self.bytes += size
        self.more_memories += memories
        self.more_bytes += size

    def leave(self, turn: Turn) -> None:
        """Writes the changes down; its row is the last that a transaction locks."""
        if self.counted and (self.more_memories or self.more_bytes):
            values = {"user": self.user, "memories": self.more_memories, "bytes": self.more_bytes}
            turn.count(_CHANGE, values)


def _fits(caps: Caps, memories: int, held: int) -> bool:
    return (caps.memories is None or memories <= caps.memories) and (caps.bytes is None or held <= caps.bytes)
