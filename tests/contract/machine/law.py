"""The law for one operation on one record, as `stash_memory.backends.base` has it."""

from typing import TypeAlias

from stash_memory.errors import PreconditionFailed, QuotaExceeded, StashError
from stash_memory.records import Caps, size_of
from tests.by_method import Delete, Get, Put, Update
from tests.by_method import OldOperation as Operation
from tests.contract.machine.holdings import Holdings, Kept, World
from tests.contract.machine.window import Window

Verdict: TypeAlias = type[StashError] | None
"""The error that the operation raises, or None where it succeeds."""


def verdicts(operation: Operation, holdings: Holdings, world: World, window: Window) -> set[Verdict]:
    """Every verdict that the law allows in this world."""
    live = world.get(operation.id)
    if isinstance(operation, Put):
        if operation.if_absent and live is not None:
            return {PreconditionFailed}
        if operation.if_version is not None and (live is None or live.version != operation.if_version):
            return {PreconditionFailed}
        return {_capped(operation.id, size_of(operation.body), operation.caps, world)}
    if live is None:
        return set(holdings.missing(operation.id, window))
    if isinstance(operation, Get):
        return {None}
    if operation.if_version is not None and live.version != operation.if_version:
        return {PreconditionFailed}
    if isinstance(operation, Delete) or operation.body is None:
        return {None}
    return {_capped(operation.id, size_of(operation.body), operation.caps, world)}


def expiry(update: Update, kept: Kept, now_ms: int) -> int:
    """When a record expires that is updated now: nothing shortens a life, and no more than the most from now."""
    most_ms = now_ms + update.max_ttl_ms
    wanted_ms = [kept.expires_at_ms + (update.extra_ms or 0), now_ms + (update.at_least_ms or 0)]
    return max(kept.expires_at_ms, min(max(wanted_ms), most_ms))


def _capped(id: str, size: int, caps: Caps | None, world: World) -> Verdict:
    """Whether a body of `size` bytes may come in: what makes neither number larger always may."""
    old = world.get(id)
    if caps is None or (old is not None and size <= old.body.size):
        return None
    memories = len({*world, id})
    held = sum(kept.body.size for name, kept in world.items() if name != id) + size
    over = (caps.memories is not None and memories > caps.memories) or (
        caps.bytes is not None and held > caps.bytes
    )
    return QuotaExceeded if over else None
