"""Keys, and the users they act for, as JSON in requests and answers. The OpenAPI document describes these types."""

from datetime import datetime
from typing import Annotated, TypedDict

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from accounts.account import Account
from accounts.key_rules import MAX_LIFE_SECONDS, MAX_NAME_CHARACTERS, MAX_PREFIX_BYTES
from accounts.models import ApiKey
from memories.documents import Count, Instant
from stash_memory.ids import PREFIX_PATTERN
from stash_memory.limits import Limits
from stash_memory.records import Totals
from stash_memory.times import iso_of

KeyId = Annotated[
    str,
    Meta(
        description="How the key is named where its secret must not be.",
        extra_json_schema={"pattern": "^key_[0-9A-Za-z]{12}$"},
    ),
]
KeyName = Annotated[
    str,
    Meta(
        description="What the key is for, without control characters.",
        extra_json_schema={
            "maxLength": MAX_NAME_CHARACTERS,
            "pattern": r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
        },
    ),
]
KeyPrefix = Annotated[
    str,
    Meta(
        description=f"The key reaches only ids that begin so; at most {MAX_PREFIX_BYTES} bytes. End it with a slash.",
        extra_json_schema={"maxLength": MAX_PREFIX_BYTES, "pattern": PREFIX_PATTERN},
    ),
]
ReadOnly = Annotated[bool, Meta(description="Whether the key may only read memories.")]
KeyLife = Annotated[
    int,
    Meta(
        description="Seconds until the key is refused.",
        extra_json_schema={"minimum": 1, "maximum": MAX_LIFE_SECONDS},
    ),
]


class KeyFields(Struct, forbid_unknown_fields=True):
    """`{"name"?, "read_only"?, "prefix"?, "expires_in"?: seconds}`"""

    name: KeyName | UnsetType = UNSET
    read_only: ReadOnly | UnsetType = UNSET
    prefix: KeyPrefix | UnsetType = UNSET
    expires_in: KeyLife | UnsetType = UNSET


read_key = msgspec.json.Decoder(KeyFields).decode


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
