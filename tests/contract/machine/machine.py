"""The machine's rules. Each is one method of the contract, or time that passes."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from stash_memory.backends.base import Buffer, Delete, Get, Operation, Page, Put, Record, Update
from stash_memory.bucket import Spend
from stash_memory.errors import StoreUnavailable
from tests.contract.cast import ALICE
from tests.contract.engines import Engine
from tests.contract.machine import drawn
from tests.contract.machine.answers import Walk, assert_fresh
from tests.contract.machine.asking import SHORT_MS, WAIT_MS, AskingMachine
from tests.contract.machine.drawn import Asked
from tests.contract.machine.model import REMEMBERED, Answer

FLOOD: list[Operation] = [Put(f"dead/{n}", [b"1"], SHORT_MS) for n in range(REMEMBERED + 20)]

anyone: dict[str, Any] = {"user": drawn.users, "asked": drawn.asked, "door": drawn.doors}


class StoreMachine(AskingMachine):
    """A store of several users, and everything that can be done with it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.unread: list[tuple[Iterator[Buffer], bytes]] = []
        self.walk: Walk | None = None

    @initialize(ops=st.lists(drawn.plain_puts, max_size=4), flooded=st.sampled_from([False] * 15 + [True]))
    def begin(self, ops: list[Operation], flooded: bool) -> None:
        """With some memories; now and then with more dead than are remembered."""
        if flooded:
            self._many(ALICE, FLOOD, None, 0, WAIT_MS)
        self.many(ALICE, ops, None, 0)

    @rule(op=drawn.plain_puts, **anyone)
    def put(self, user: str, op: Put, asked: Asked | None, door: int) -> None:
        self.do(user, op, asked, door)

    @rule(op=drawn.puts, **anyone)
    def put_if(self, user: str, op: Put, asked: Asked | None, door: int) -> None:
        self.do(user, op, asked, door)

    @rule(op=drawn.gets, **anyone)
    def get(self, user: str, op: Get, asked: Asked | None, door: int) -> None:
        self.do(user, op, asked, door)

    @rule(op=drawn.updates, **anyone)
    def update(self, user: str, op: Update, asked: Asked | None, door: int) -> None:
        self.do(user, op, asked, door)

    @rule(op=drawn.deletes, **anyone)
    def delete(self, user: str, op: Delete, asked: Asked | None, door: int) -> None:
        self.do(user, op, asked, door)

    @rule(prefix=drawn.prefixes, **anyone)
    def delete_prefix(self, user: str, prefix: str, asked: Asked | None, door: int) -> None:
        self.step(
            user,
            asked,
            lambda spend: self.doors[door].delete_prefix(user, prefix, spend=spend),
            lambda _: self.model.delete_prefix(user, prefix),
        )

    @rule(ops=drawn.operations, **anyone)
    def many(self, user: str, ops: list[Operation], asked: Asked | None, door: int) -> None:
        ops, wait_ms = self.prepared(user, ops)
        self._many(user, ops, asked if ops else None, door, wait_ms)

    def _many(self, user: str, ops: list[Operation], asked: Asked | None, door: int, wait_ms: int) -> None:
        self.step(
            user,
            asked,
            lambda spend: self.doors[door].many(user, ops, spend=spend),
            lambda bucket: self.model.many(user, ops, bucket),
            cost=len(ops),
            wait_ms=wait_ms,
        )

    @rule(user=drawn.users, id=drawn.ids, door=drawn.doors, begun=st.booleans())
    def get_and_read_later(self, user: str, id: str, door: int, begun: bool) -> None:
        """A recall under way, maybe with its first piece read, while others write."""
        actual = self.answer(lambda: self.doors[door].get(user, id))
        pieces: Iterator[Buffer] = iter(())
        first = b""
        if isinstance(actual, Record):
            pieces = iter(actual.body)
            first = bytes(next(pieces, b"")) if begun else b""
            actual = actual._replace(body=())

        def law() -> Answer:
            expected = self.model.do(user, Get(id))
            assert isinstance(expected, Answer)
            assert expected.body.startswith(first)
            self.unread.append((pieces, expected.body[len(first) :]))
            return expected._replace(body=b"")

        self.judge(actual, law)
        self.settle()

    @precondition(lambda self: self.unread)
    @rule()
    def read_what_was_left(self) -> None:
        """It is what it was when it was begun, or it is no longer to be had."""
        for pieces, expected in self.unread:
            with suppress(StoreUnavailable):
                assert b"".join(pieces) == expected
        self.unread.clear()

    @rule(prefix=drawn.prefixes, limit=drawn.limits, **anyone)
    def list_all(self, user: str, prefix: str, limit: int, asked: Asked | None, door: int) -> None:
        walk = Walk(self.model, user, prefix)
        while not self._turn(walk, limit, asked, door):
            asked = None

    @rule(prefix=drawn.prefixes, limit=drawn.limits, **anyone)
    def turn_a_page(self, user: str, prefix: str, limit: int, asked: Asked | None, door: int) -> None:
        """Of a listing that goes on while others write."""
        self.walk = self.walk or Walk(self.model, user, prefix)
        if self._turn(self.walk, limit, asked, door):
            self.walk = None

    def _turn(self, walk: Walk, limit: int, asked: Asked | None, door: int) -> bool:
        """Whether there is nothing more to turn."""
        pages: list[Page] = []

        def act(spend: Spend | None) -> Page:
            page = self.doors[door].page(walk.user, walk.prefix, walk.cursor, limit, spend=spend)
            pages.append(page)
            return page

        def law(_: object) -> Page:
            walk.turn(pages[0], limit)
            return pages[0]

        self.step(walk.user, asked, act, law)
        return not pages or walk.cursor is None

    @rule(**anyone)
    def spend(self, user: str, asked: Asked | None, door: int) -> None:
        self.charged(user, self.spend_of(asked or Asked()), door)
        self.settle()

    @rule(user=drawn.users, door=drawn.doors)
    def totals(self, user: str, door: int) -> None:
        self.judge(self.answer(lambda: self.doors[door].totals(user)), lambda: self.model.totals(user))
        self.settle()

    @rule(door=drawn.doors)
    def totals_of_all(self, door: int) -> None:
        actual = self.answer(lambda: self.doors[door].totals())
        lawful = [self.model.totals(), *(figure for _, figure in self.model.figures)]
        self.judge(actual, lambda: actual if actual in lawful else lawful[0])
        self.settle()

    @rule(budget=drawn.budgets, door=drawn.doors)
    def purge(self, budget: int, door: int) -> None:
        purged = self.answer(lambda: self.doors[door].purge(budget))
        self.judge(purged, lambda: self.model.purged(purged, budget))
        self.settle()

    @rule(ms=drawn.pauses)
    def time_passes(self, ms: int) -> None:
        self.settle(ms if self.engine.exact else 1)

    @precondition(lambda self: self.engine.exact)
    @rule(which=st.integers(0, 20), offset_ms=drawn.offsets)
    def time_passes_to_an_expiry(self, which: int, offset_ms: int) -> None:
        instants = sorted({kept.earliest_ms for kept in self.model.everything()})
        if instants:
            self.settle(max(0, instants[which % len(instants)] + offset_ms - self.model.now.latest_ms))

    def audit(self) -> None:
        """Everything that anyone has, once more."""
        for user in drawn.USERS:
            for name in drawn.IDS:
                self.do(user, Get(name), None, 1)
            self.list_all(user, "", 5, None, 0)
            self.totals(user, 1)

    def teardown(self) -> None:
        try:
            if self.sound:
                self.read_what_was_left()
                self.audit()
                assert_fresh(self.model)
        finally:
            self.engine.close()
