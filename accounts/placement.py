"""Where a user's memories are: which pools, and until when new ones went to each."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from accounts.models import User
from accounts.site_database import asked


class PoolStay(NamedTuple):
    """New memories go to `pool` until `until_ms`, milliseconds since the epoch; None: for good."""

    pool: str
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A user's stays in pools, oldest first, as they were known at `known_at` (`time.monotonic`)."""

    user_id: str
    stays: tuple[PoolStay, ...]
    known_at: float

    @classmethod
    def made(
        cls, user_id: str, pool: str, moves: Iterable[tuple[str | None, datetime | None]], known_at: float
    ) -> "Placement":
        """Of a user whose tier names `pool`, and who left other pools before; where nothing was left, it is None."""
        left = sorted((at, name) for name, at in moves if name is not None and at is not None)
        stays = [PoolStay(name, round(at.timestamp() * 1000)) for at, name in left]
        return cls(user_id, (*stays, PoolStay(pool)), known_at)

    def renewed(self) -> "Placement":
        """As the database has it now. Raises StoreUnavailable."""
        known_at = time.monotonic()
        user = User.objects.filter(public_id=self.user_id).order_by("moves__at")
        with asked():
            rows = list(user.values_list("tier__pool", "moves__pool", "moves__at"))
        if not rows:
            # Deleted meanwhile: what it still does is done where its memories are.
            return Placement(self.user_id, self.stays, known_at)
        return self.made(self.user_id, rows[0][0], [row[1:] for row in rows], known_at)
