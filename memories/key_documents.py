"""What answers say of keys, and of whom they act for. The schema describes them from these types."""

from datetime import datetime
from typing import TypedDict

from accounts.account import Account
from accounts.models import ApiKey
from memories.key_terms import KeyId, KeyName, KeyPrefix, ReadOnly
from memories.terms import Count, Instant
from stash_memory.backends.base import Totals
from stash_memory.limits import Limits
from stash_memory.times import iso_of


class KeyScope(TypedDict):
    """What a key was made with; `expires_at` and `parent` may be null."""

    name: KeyName
    read_only: ReadOnly
    prefix: KeyPrefix
    expires_at: Instant | None
    parent: KeyId | None


class MintedKey(KeyScope):
    """A new key, with its secret: the only time it is told."""

    id: KeyId
    key: str


class ListedKey(KeyScope):
    """A live key, told from others by the beginning of its secret; `last_used` is exact to a minute."""

    id: KeyId
    visible_part: str
    created_at: Instant
    last_used: Instant | None


class KeyList(TypedDict):
    """Keys, the newest first."""

    keys: list[ListedKey]


class OwnKey(TypedDict):
    """The key that the request showed."""

    id: KeyId
    name: KeyName
    read_only: ReadOnly
    prefix: KeyPrefix
    expires_at: Instant | None


class UsageNow(TypedDict):
    """The user's live memories, and their bytes."""

    memories: Count
    bytes: Count


class Whoami(TypedDict):
    """Whom a key acts for, and what it may do."""

    user_id: str
    tier: str
    limits: Limits
    key: OwnKey
    usage: UsageNow


def instant(at: datetime | None) -> str | None:
    """`at` as answers have it."""
    return None if at is None else iso_of(at)


def minted(key: ApiKey, secret: str) -> MintedKey:
    """The answer to mint."""
    return {"id": key.public_id, "key": secret, **scope_of(key)}


def listed(key: ApiKey) -> ListedKey:
    """One of a list."""
    return {
        "id": key.public_id,
        "visible_part": key.visible_part,
        **scope_of(key),
        "created_at": iso_of(key.created_at),
        "last_used": instant(key.last_used_at),
    }


def scope_of(key: ApiKey) -> KeyScope:
    """What both say."""
    return {
        "name": key.name,
        "read_only": key.read_only,
        "prefix": key.prefix,
        "expires_at": instant(key.expires_at),
        "parent": None if key.parent is None else key.parent.public_id,
    }


def whoami(account: Account, live: Totals) -> Whoami:
    """The answer to whoami; a limit that is null is none."""
    return {
        "user_id": account.user_id,
        "tier": account.tier,
        "limits": account.limits,
        "key": {
            "id": account.key_id,
            "name": account.key_name,
            "read_only": account.scope.read_only,
            "prefix": account.scope.prefix,
            "expires_at": instant(account.expires_at),
        },
        "usage": {"memories": live.memories, "bytes": live.bytes},
    }
