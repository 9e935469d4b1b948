"""The model: judges each answer of a backend by the law, and adopts what the backend was free to choose."""

from collections import defaultdict

from stash_memory.bucket import Spend
from stash_memory.errors import MemoryMissing, StashError
from stash_memory.operations import Result
from stash_memory.records import Record, Totals
from tests.by_method import Delete, Get, Put, Update
from tests.by_method import OldOperation as Operation
from tests.contract.machine.body import Body
from tests.contract.machine.bucket import ModelBucket
from tests.contract.machine.holdings import Holdings, Kept
from tests.contract.machine.law import expiry, verdicts
from tests.contract.machine.window import Window

EMPTY = Body(0, 0)


class Model:
    """Everyone's holdings and buckets. Each method asserts that an answer given in the window is right."""

    def __init__(self) -> None:
        self.holdings: dict[str, Holdings] = defaultdict(Holdings)
        self.buckets: dict[str, ModelBucket] = defaultdict(ModelBucket)

    def answered(
        self, user: str, operation: Operation, body: Body | None, result: Result, window: Window
    ) -> None:
        """`result` is what the operation, which brought `body`, answered or raised."""
        holdings = self.holdings[user]
        told = type(result) if isinstance(result, StashError) else None
        worlds = [
            world for world in holdings.worlds(window) if told in verdicts(operation, holdings, world, window)
        ]
        assert worlds, f"{operation.id}: {told} is never right here"
        if isinstance(result, MemoryMissing):
            holdings.is_missing(operation.id, result)
        elif isinstance(operation, Delete) and told is None:
            assert result is None
            del holdings.kept[operation.id]
        elif isinstance(result, Record):
            assert result.remaining_ms >= 1
            assert window.has(result.expires_at_ms - result.remaining_ms)
            if isinstance(operation, Put):
                assert body is not None
                assert result.created in {operation.id not in world for world in worlds}
                assert window.has(result.expires_at_ms - operation.ttl_ms)
                _answers(result, body.size, EMPTY)
                holdings.keep(operation.id, Kept(body, result.version, result.expires_at_ms))
            elif isinstance(operation, Get):
                _got(operation, holdings.kept[operation.id], result)
            elif isinstance(operation, Update):
                _updated(operation, body, holdings, result, window)

    def spent(self, user: str, spend: Spend, decided: bool, window: Window, *, some: bool = False) -> int:
        """How many tokens the spend got. One that was `decided` before stays as it is, and so does the bucket."""
        if decided is None:
            return self.buckets[user].charge(spend, window, some=some)
        assert spend.bucket == decided
        return decided.granted

    def forgot(self, user: str, prefix: str, count: int, window: Window) -> None:
        """`count` is how many records that begin with `prefix` a delete_prefix said were alive."""
        holdings = self.holdings[user]
        alive = [{name for name in world if name.startswith(prefix)} for world in holdings.worlds(window)]
        counts = [len(names) for names in alive]
        assert count in counts
        for name in set[str]().union(*alive):
            if count == max(counts) or all(name in names for names in alive):
                del holdings.kept[name]
            else:
                holdings.kept[name].fate = "dead" if count == min(counts) else "gone"

    def counted(self, user: str, totals: Totals, window: Window) -> None:
        """`totals` is what one user was said to have alive."""
        assert totals in [
            (len(world), sum(kept.body.size for kept in world.values()))
            for world in self.holdings[user].worlds(window)
        ]


def _got(get: Get, kept: Kept, record: Record) -> None:
    _answers(record, kept.body.size, EMPTY if kept.version == get.unless_version else kept.body)
    assert (record.version, record.expires_at_ms) == (kept.version, kept.expires_at_ms)


def _updated(update: Update, body: Body | None, holdings: Holdings, record: Record, window: Window) -> None:
    kept = holdings.kept[update.id]
    earliest_ms, latest_ms = (expiry(update, kept, at_ms) for at_ms in (window.first_ms, window.last_ms))
    assert earliest_ms <= record.expires_at_ms <= latest_ms
    if body is not None:
        _answers(record, body.size, EMPTY)
        holdings.keep(update.id, Kept(body, record.version, record.expires_at_ms))
        return
    # Raising a life and no more is a recall that extends (tests/by_method.py).
    recalls = update.at_least_ms is not None and update.extra_ms is None and update.if_version is None
    _answers(record, kept.body.size, kept.body if recalls else EMPTY)
    assert record.version == kept.version
    kept.expires_at_ms = record.expires_at_ms


def _answers(record: Record, size: int, body: Body) -> None:
    assert record.size == size
    assert body.is_in(record.body)
