"""What the walk means to do, before it is known which versions there are and how much is kept."""

from typing import Literal, NamedTuple, TypeAlias

from stash_memory.records import Caps
from tests.by_method import Delete, Get, Put, Update
from tests.by_method import OldOperation as Operation
from tests.contract.machine.body import Body
from tests.contract.machine.holdings import Holdings, World

NEVER = "0123456789abcdef"

Choice: TypeAlias = Literal["newest", "older", "never"] | None
"""A version of the id's: its newest, the one before that, or one that never was."""


class Room(NamedTuple):
    """Caps, told by how far they lie above what the write would leave alive; None: no such cap."""

    memories: int | None
    bytes: int | None

    def caps(self, world: World, id: str, size: int) -> Caps:
        memories = len({*world, id})
        held = sum(kept.body.size for name, kept in world.items() if name != id) + size
        return Caps(
            None if self.memories is None else memories + self.memories,
            None if self.bytes is None else max(0, held + self.bytes),
        )


class Intent(NamedTuple):
    """An operation with its blanks. With `known`, the id is one that the user once kept, if there is any."""

    verb: Literal["get", "put", "update", "delete"]
    id: str
    known: int | None = None
    body: Body | None = None
    version: Choice = None
    if_absent: bool = False
    ttl_ms: int = 0
    extra_ms: int | None = None
    at_least_ms: int | None = None
    room: Room | None = None

    def chosen(self, holdings: Holdings) -> str:
        """The id that is meant."""
        names = sorted(holdings.versions)
        return self.id if self.known is None or not names else names[self.known % len(names)]

    def operation(self, holdings: Holdings, world: World) -> Operation:
        """The operation, the blanks filled in."""
        name = self.chosen(holdings)
        had = holdings.versions.get(name, [])
        versions = {"newest": had[-1:], "older": had[-2:-1]}
        version = None if self.version is None else (versions.get(self.version) or [NEVER])[0]
        caps = None if self.room is None else self.room.caps(world, name, self.body.size if self.body else 0)
        match self.verb:
            case "get":
                return Get(name, version)
            case "delete":
                return Delete(name, version)
            case "put":
                assert self.body is not None
                return Put(name, self.body.buffers, self.ttl_ms, version, self.if_absent, caps)
            case "update":
                buffers = None if self.body is None else self.body.buffers
                return Update(name, buffers, self.extra_ms, self.at_least_ms, self.ttl_ms, version, caps)
