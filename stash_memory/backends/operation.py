"""The operations that `many` takes, and what becomes of them."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from stash_memory.records import Buffer, Caps


class Get(NamedTuple):
    """A get inside `many`."""

    id: str
    unless_version: str | None = None


class Put(NamedTuple):
    """A put inside `many`."""

    id: str
    body: Sequence[Buffer]
    ttl_ms: int
    if_version: str | None = None
    if_absent: bool = False
    caps: Caps | None = None
    create_before_ms: int | None = None


class Update(NamedTuple):
    """An update inside `many`."""

    id: str
    body: Sequence[Buffer] | None = None
    extra_ms: int | None = None
    at_least_ms: int | None = None
    max_ttl_ms: int = 0
    if_version: str | None = None
    caps: Caps | None = None


class Delete(NamedTuple):
    """A delete inside `many`."""

    id: str
    if_version: str | None = None


OldOperation: TypeAlias = Get | Put | Update | Delete
