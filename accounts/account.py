"""Account behind a key: the values that policy hands to the rest of the service."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import ApiKey, Tier, User
from accounts.placement import Placement
from accounts.prepared import Prepared
from accounts.scope import Scope
from stash_memory.limits import Limits


@dataclass(frozen=True, slots=True)
class Account:
    """A user, its limits and placement, and the key that acts for it."""

    user_id: str
    tier: str
    limits: Limits
    placement: Placement
    key_id: str
    key_name: str
    scope: Scope
    expires_at: datetime | None

    @classmethod
    def behind(cls, digest: bytes, now: datetime) -> "Account | None":
        """Returns the account of the valid key with this digest, or None. Takes one query."""
        known_at = time.monotonic()
        # There is a row for each move of the user; few have any.
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in VALID.rows(now, digest)]
        if not rows:
            return None
        key, of_user, of_tier = parts(rows[0])
        user = User(**of_user, tier=Tier(**of_tier))
        moves = [(row["user__moves__pool"], row["user__moves__at"]) for row in rows]
        return cls(
            user_id=user.public_id,
            tier=user.tier.name,
            limits=user.limits,
            placement=Placement.made(user.public_id, user.tier.pool, moves, known_at),
            key_id=key["public_id"],
            key_name=key["name"],
            scope=Scope(key["read_only"], key["prefix"]),
            expires_at=key["expires_at"],
        )


KEY = ("public_id", "name", "read_only", "prefix", "expires_at")
USER = ("public_id", "default_ttl", "requests_per_minute", "burst")
TIER = (
    "name",
    "pool",
    "payload_bytes",
    "default_ttl",
    "max_ttl",
    "requests_per_minute",
    "burst",
    "max_memories",
    "max_bytes",
)
MOVE = ("user__moves__pool", "user__moves__at")
COLUMNS = (*KEY, *(f"user__{name}" for name in USER), *(f"user__tier__{name}" for name in TIER), *MOVE)


def parts(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Splits a row into the fields of the key, the user and the tier."""
    return (
        {name: row[name] for name in KEY},
        {name: row[f"user__{name}"] for name in USER},
        {name: row[f"user__tier__{name}"] for name in TIER},
    )


def valid_key(now: datetime, digest: bytes) -> QuerySet[ApiKey, Any]:
    """Returns the valid key with its user and tier, in a row for each pool that the user left."""
    return ApiKey.objects.valid(now).filter(digest=digest).order_by("pk").values_list(*COLUMNS)


VALID = Prepared(valid_key, ApiKey._meta.get_field("expires_at"), ApiKey._meta.get_field("digest"))
