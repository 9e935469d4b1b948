"""A random walk: a backend and its model do the same, step by step, and never differ."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from stash_memory.backends.base import Backend
from stash_memory.backends.body import INLINE_BYTES
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited, StashError, StoreUnavailable
from stash_memory.records import Buffer, Record
from tests.by_method import Get
from tests.by_method import OldOperation as Operation
from tests.contract.engines import Engine
from tests.contract.machine import draws
from tests.contract.machine.body import Body
from tests.contract.machine.intent import Intent
from tests.contract.machine.listing import Listing
from tests.contract.machine.method import method
from tests.contract.machine.model import Model
from tests.contract.machine.window import Window

T = TypeVar("T")

# Servers take the time when a command begins, and round it.
SLACK_US = 2_000

# As long as a walk on a real clock waits at a time.
PATIENCE_MS = 100


class Recall(NamedTuple):
    """A large value that is being read."""

    body: Body
    buffers: Iterable[Buffer]
    began_ms: int


class Walk(RuleBasedStateMachine):
    """One walk on the empty store of the engine that `make` makes. `door` is one of two backends on it.

    No rule has a precondition: on a real clock, what is drawn would depend on how fast the machine is.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        super().__init__()
        self.engine = make()
        self.backends: list[Backend] = [self.engine.backend, self.engine.another() or self.engine.backend]
        self.model = Model()
        self.listing: Listing | None = None
        self.recall: Recall | None = None

    def teardown(self) -> None:
        self.recall = None
        self.engine.close()

    @initialize(batches=st.tuples(*[draws.beginnings] * len(draws.NAMES)))
    def begin(self, batches: tuple[list[Intent], ...]) -> None:
        for user, batch in zip(draws.NAMES, batches, strict=True):
            self.many(user, 0, batch, None)

    @rule(user=draws.users, door=draws.doors, intent=draws.gets, spend=draws.spends)
    def get(self, user: str, door: int, intent: Intent, spend: Spend | None) -> None:
        self._operate(user, door, intent, spend)

    @rule(user=draws.users, door=draws.doors, intent=draws.puts, spend=draws.spends)
    def put(self, user: str, door: int, intent: Intent, spend: Spend | None) -> None:
        self._operate(user, door, intent, spend)

    @rule(user=draws.users, door=draws.doors, intent=draws.updates, spend=draws.spends)
    def update(self, user: str, door: int, intent: Intent, spend: Spend | None) -> None:
        self._operate(user, door, intent, spend)

    @rule(user=draws.users, door=draws.doors, intent=draws.deletes, spend=draws.spends)
    def delete(self, user: str, door: int, intent: Intent, spend: Spend | None) -> None:
        self._operate(user, door, intent, spend)

    @rule(user=draws.users, door=draws.doors, batch=draws.batches, spend=draws.spends)
    def many(self, user: str, door: int, batch: list[Intent], spend: Spend | None) -> None:
        operations = [self._operation(user, intent) for intent in batch]
        granted = len(operations)
        if spend is not None:
            spend.cost = len(operations)
        decided = spend and spend.bucket
        results, window = self._timed(lambda: self.backends[door].many(user, operations, spend=spend))
        assert not isinstance(results, StashError)
        assert len(results) == len(operations)
        if spend is not None:
            granted = self.model.spent(user, spend, decided, window, some=True)
        for intent, operation, result in zip(batch[:granted], operations, results, strict=False):
            self.model.answered(user, operation, intent.body, result, window)
        for result in results[granted:]:
            assert isinstance(result, RateLimited)
            assert spend is not None
            assert spend.bucket is not None
            assert result.retry_after_ms == spend.bucket.retry_after_ms

    @rule(user=draws.users, door=draws.doors, prefix=draws.prefixes, spend=draws.spends)
    def delete_prefix(self, user: str, door: int, prefix: str, spend: Spend | None) -> None:
        decided = spend and spend.bucket
        count, window = self._timed(lambda: self.backends[door].delete_prefix(user, prefix, spend=spend))
        if self._granted(user, spend, decided, count, window):
            assert isinstance(count, int)
            self.model.forgot(user, prefix, count, window)

    @rule(
        user=draws.users,
        door=draws.doors,
        prefix=draws.prefixes,
        limit=st.integers(1, 4),
        whole=st.booleans(),
    )
    def page(self, user: str, door: int, prefix: str, limit: int, whole: bool) -> None:
        self.listing = Listing(user, prefix, limit)
        self._turn_page(door)
        while whole and self.listing.cursor is not None:
            self._turn_page(door)

    @rule(door=draws.doors)
    def next_page(self, door: int) -> None:
        if self.listing is not None and self.listing.cursor is not None:
            self._turn_page(door)

    @rule(user=draws.users, door=draws.doors, spend=draws.costs)
    def spend(self, user: str, door: int, spend: Spend) -> None:
        result, window = self._timed(lambda: self.backends[door].spend(user, spend))
        if self._granted(user, spend, None, result, window):
            assert result == spend.bucket

    @rule(user=draws.users, door=draws.doors)
    def totals(self, user: str, door: int) -> None:
        totals, window = self._timed(lambda: self.backends[door].totals(user))
        assert not isinstance(totals, StashError)
        self.model.counted(user, totals, window)

    @rule(door=draws.doors, budget=st.integers(1, 5))
    def purge(self, door: int, budget: int) -> None:
        self.backends[door].purge(budget)

    @rule(ms=draws.moments)
    def wait(self, ms: int) -> None:
        self.engine.advance(ms if self.engine.exact else min(ms, PATIENCE_MS))

    @rule(
        user=draws.users,
        door=draws.doors,
        nth=draws.places,
        off_ms=st.integers(-1, 1),
        intent=draws.any_intent,
    )
    def meet_an_expiry(self, user: str, door: int, nth: int, off_ms: int, intent: Intent) -> None:
        """Does something to a record that is about to expire, or just has."""
        now_ms = self.engine.now_ms()
        lives = sorted(
            (kept.expires_at_ms - now_ms, name)
            for name, kept in self.model.holdings[user].kept.items()
            if kept.expires_at_ms > now_ms
        )
        if not self.engine.exact:
            lives = [life for life in lives if life[0] <= PATIENCE_MS]
        if lives:
            left_ms, name = lives[nth % len(lives)]
            self.engine.advance(max(0, left_ms + off_ms))
            self._operate(user, door, intent._replace(id=name, known=None), None)

    @rule(user=draws.users, door=draws.doors, intent=draws.gets)
    def begin_a_recall(self, user: str, door: int, intent: Intent) -> None:
        """Of a large value where there is one: it is read on later, whatever becomes of it meanwhile."""
        kept = self.model.holdings[user].kept
        large = [name for name in sorted(kept) if kept[name].body.size > INLINE_BYTES]
        name = large[0] if large else self._operation(user, intent).id
        result, window = self._timed(lambda: self.backends[door].get(user, name))
        if isinstance(result, Record):
            self.recall = Recall(kept[name].body, result.body, self.engine.now_ms())
            result = result._replace(body=kept[name].body.buffers)
        self.model.answered(user, Get(name), None, result, window)

    @rule()
    def finish_the_recall(self) -> None:
        recall, self.recall = self.recall, None
        if recall is None:
            return
        try:
            whole = recall.body.is_in(recall.buffers)
        except StoreUnavailable:
            assert self.engine.now_ms() - recall.began_ms >= draws.RECALL_MS
        else:
            assert whole

    def _operate(self, user: str, door: int, intent: Intent, spend: Spend | None) -> None:
        operation = self._operation(user, intent)
        decided = spend and spend.bucket
        result, window = self._timed(lambda: method(self.backends[door], user, operation, spend))
        if self._granted(user, spend, decided, result, window):
            self.model.answered(user, operation, intent.body, result, window)

    def _turn_page(self, door: int) -> None:
        listing = self.listing
        assert listing is not None
        page, window = self._timed(
            lambda: self.backends[door].page(listing.user, listing.prefix, listing.cursor, listing.limit)
        )
        assert not isinstance(page, StashError)
        listing.showed(page, self.model.holdings[listing.user], window)

    def _operation(self, user: str, intent: Intent) -> Operation:
        holdings = self.model.holdings[user]
        now_us = self.engine.now_us()
        return intent.operation(holdings, next(holdings.worlds(Window(now_us, now_us))))

    def _timed(self, call: Callable[[], T]) -> tuple[T | StashError, Window]:
        """What the call returned or raised, and when."""
        slack_us = 0 if self.engine.exact else SLACK_US
        first_us = self.engine.now_us() - slack_us
        try:
            result: T | StashError = call()
        except StoreUnavailable:
            raise
        except StashError as error:
            result = error.with_traceback(None)
        return result, Window(first_us, self.engine.now_us() + slack_us)

    def _granted(
        self, user: str, spend: Spend | None, decided: Bucket | None, result: object, window: Window
    ) -> bool:
        """Judges the spend, and whether it was denied; a denied call has done nothing else."""
        granted = spend is None or self.model.spent(user, spend, decided, window) > 0
        assert isinstance(result, RateLimited) is not granted
        if isinstance(result, RateLimited):
            assert spend is not None
            assert spend.bucket is not None
            assert result.retry_after_ms == spend.bucket.retry_after_ms
        return granted
