"""Forget: delete a memory, or all whose ids begin alike."""

from typing import Any, NamedTuple

from stash_memory.errors import (
    InvalidRequest,
    MemoryExpired,
    MemoryNotFound,
    PreconditionFailed,
    ScopeDenied,
)
from stash_memory.ids import check_id, check_prefix
from stash_memory.limits import Limits
from stash_memory.operations.members import IF_MATCH, MEMORY_ID, NEEDED_PREFIX
from stash_memory.operations.verb import Good, Verb


class _ForgetFields(NamedTuple):
    id: str
    if_version: str | None = None


class Forget(_ForgetFields):
    """Deletes the memory at once; with `if_version`, only while that is its version."""

    __slots__ = ()

    verb = Verb(
        name="forget",
        method="DELETE",
        route="forget/{memory_id}",
        event="stash_forgotten",
        tally="forgets",
        members=(MEMORY_ID, IF_MATCH),
        summary="Forget a memory",
        description="Deletes it at once, with If-Match only the version that is known.",
        good={204: Good("Forgotten.")},
        errors=(ScopeDenied, MemoryNotFound, MemoryExpired, PreconditionFailed),
    )
    writes = True
    # A second try takes "not found" for done.
    repeatable = True

    def check(self) -> None:
        """Raises InvalidRequest for a bad id."""
        check_id(self.id)

    def bound(self, limits: Limits) -> "Forget":
        """The operation: limits do not touch it."""
        return self

    def status(self, memory: Any) -> int:
        """The answer's status."""
        return 204

    def payload(self, memory: Any) -> int | None:
        """No data goes either way."""
        return None


class _ForgetPrefixFields(NamedTuple):
    prefix: str = ""


class ForgetPrefix(_ForgetPrefixFields):
    """Deletes every memory whose id begins with `prefix`, each by itself."""

    __slots__ = ()

    verb = Verb(
        name="forget_prefix",
        method="DELETE",
        route="stash",
        event="stash_forgotten",
        tally="forgets",
        members=(NEEDED_PREFIX,),
        shape="Forgotten",
        summary="Forget every memory whose id begins with a prefix",
        description="Deletes them at once. End a prefix with `/`, or `run-4` covers `run-42` too.",
        good={200: Good("Forgotten.", {"forgotten": {"forgotten": 12}})},
        errors=(ScopeDenied,),
    )
    writes = True
    # A second try would count only what the first one left.
    repeatable = False

    def check(self) -> None:
        """Raises InvalidRequest for an empty prefix, or one that no id can begin with."""
        if not self.prefix:
            raise InvalidRequest(
                "prefix is missing; to forget everything, forget it prefix by prefix.", field="prefix"
            )
        check_prefix(self.prefix)

    def bound(self, limits: Limits) -> "ForgetPrefix":
        """The operation: limits do not touch it."""
        return self
