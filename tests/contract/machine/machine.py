"""A backend and the model, step by step beside each other."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from stash_memory.backends.base import Backend, Operation, Put
from stash_memory.bucket import Spend
from stash_memory.errors import RateLimited, StashError, StoreUnavailable
from tests.contract.cast import ALICE, LONG, content
from tests.contract.engines import Engine, HandClocked
from tests.contract.machine import drawn
from tests.contract.machine.answers import Walk, assert_bucket, assert_fresh, assert_kept, assert_same
from tests.contract.machine.drawn import CURRENT, FORMER, UNKNOWN, Asked, Body
from tests.contract.machine.model import Answer, Model, Now

# On a real clock: a life that is over after a wait that follows at once, so that no answer hangs on a moment.
SHORT_MS, WAIT_MS = 6, 14


class StoreMachine(RuleBasedStateMachine):
    """Each rule is a step: it asks the backend and the model, and has the answers compared."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.doors = [engine.backend, engine.another() or engine.backend]
        self.clock: Callable[[], int] = engine.clock if isinstance(engine, HandClocked) else time.time_ns
        self.model = Model()
        self.unread: list[tuple[Any, bytes]] = []
        self.walk: Walk | None = None
        self.longest_us = 0
        self.sound = True
        self._pass(0)

    # -- time ----------------------------------------------------------------------------------------------------

    def _pass(self, ms: int) -> None:
        if ms:
            self.engine.advance(ms)
        at_us = self.clock() // 1000
        self.model.now = Now(at_us, at_us)
        self.model.note()

    @property
    def near_ms(self) -> int:
        """How far a bucket's times may be off: not at all by hand, else what two steps' time may come to."""
        return 0 if self.engine.exact else 2 * self.longest_us // 1000 + 2

    @rule(ms=drawn.pauses)
    def time_passes(self, ms: int) -> None:
        self._pass(ms if self.engine.exact else 2)

    @precondition(lambda self: self.engine.exact)
    @rule(which=st.integers(0, 20), offset_ms=drawn.offsets)
    def time_passes_to_an_expiry(self, which: int, offset_ms: int) -> None:
        instants = sorted({kept.earliest_ms for all in self.model.records.values() for kept in all.values()})
        if instants:
            now_ms = self.model.now.latest_ms
            self._pass(max(0, instants[which % len(instants)] + offset_ms - now_ms))

    # -- asking --------------------------------------------------------------------------------------------------

    def _answer(self, act: Callable[[], Any]) -> Any:
        """The backend's answer or error; the model is told when it was."""
        self.sound = False
        began_us = self.clock() // 1000
        try:
            answer = act()
        except StashError as error:
            answer = error
        self.model.now = Now(began_us, self.clock() // 1000)
        self.longest_us = max(self.longest_us, self.model.now.latest_us - began_us)
        return answer

    def _judge(self, actual: Any, law: Callable[[], Any]) -> None:
        try:
            expected = law()
        except StashError as error:
            expected = error
        assert_same(actual, expected, self.model.now, self.near_ms)
        self.sound = True

    def _granted(self, user: str, spend: Spend) -> bool:
        """Charges a spend by itself."""
        actual = self._answer(lambda: self.doors[0].spend(user, spend))
        expected = self.model.spend(user, spend)
        assert_bucket(spend.bucket, expected, self.near_ms)
        if not expected.granted:
            assert_same(actual, RateLimited(expected.retry_after_ms), self.model.now, self.near_ms)
        else:
            assert actual == spend.bucket
        return expected.granted > 0

    def _spend(self, asked: Asked, cost: int | None = None) -> Spend:
        rate = asked.rate if self.engine.exact else 1 / 3600
        return Spend(rate, asked.burst, cost or min(asked.cost, asked.burst))

    def _step(
        self, user: str, asked: Asked | None, act: Callable[[Spend | None], Any], law: Callable[[], Any]
    ) -> None:
        """One method, with or without a spend, and what the law says of it once the token was granted."""
        spend = self._spend(asked) if asked else None
        if spend and asked and asked.decided and not self._granted(user, spend):
            return self._pass(0)
        decided = spend.bucket if spend else None
        actual = self._answer(lambda: act(spend))
        if spend and decided:
            assert spend.bucket == decided
        elif spend:
            expected = self.model.spend(user, spend)
            assert_bucket(spend.bucket, expected, self.near_ms)
            if not expected.granted:
                self._judge(actual, lambda: RateLimited(expected.retry_after_ms))
                return self._pass(0)
        self._judge(actual, law)
        return self._pass(0)
