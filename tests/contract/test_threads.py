"""Each method is one step that no other thread comes between."""

import contextlib
import threading

import pytest

from stash_memory.errors import MemoryMissing, RateLimited, StoreUnavailable
from tests.by_method import Get, Put
from tests.contract import works
from tests.contract.cast import ALICE, LONG, content, ids, slow_spend
from tests.contract.crowd import in_threads
from tests.contract.engines import Engine


def test_eight_threads_add_up(engine: Engine) -> None:
    engine.backend.put(ALICE, "sum", [b"0"], LONG)
    in_threads(8, lambda _: works.increment(engine.backend, 50))
    assert content(engine.backend.get(ALICE, "sum")) == b"400"


def test_fifty_threads_are_granted_a_burst_of_ten(engine: Engine) -> None:
    assert sum(in_threads(50, lambda _: works.spend_one(engine.backend))) == 10


def test_eight_threads_that_ask_often_are_granted_no_more(engine: Engine) -> None:
    def ask(_: int) -> int:
        taken = 0
        for _ in range(100):
            with contextlib.suppress(RateLimited):
                taken += engine.backend.spend(ALICE, slow_spend(burst=400)).granted
        return taken

    assert sum(in_threads(8, ask)) == 400


def test_tokens_of_many_methods_come_from_one_bucket(engine: Engine) -> None:
    def ask(n: int) -> int:
        spend = slow_spend(works.BURST)
        try:
            if n % 3 == 0:
                engine.backend.put(ALICE, f"{n}", [b"1"], LONG, spend=spend)
            elif n % 3 == 1:
                engine.backend.page(ALICE, spend=spend)
            else:
                spend.cost = 2
                engine.backend.many(ALICE, [Get("a"), Get("b")], spend=spend)
        except RateLimited:
            pass
        assert spend.bucket is not None
        return spend.bucket.granted

    assert sum(in_threads(30, ask)) == 10


def test_one_of_thirty_two_creates(engine: Engine) -> None:
    created = in_threads(32, lambda n: works.create(engine.backend, f"{n}"))
    assert sum(created) == 1
    assert content(engine.backend.get(ALICE, "lock")) == str(created.index(1)).encode()


def test_one_of_thirty_two_puts_says_that_it_created(engine: Engine) -> None:
    created = in_threads(32, lambda _: engine.backend.put(ALICE, "plan", [b"1"], LONG).created)
    assert created.count(True) == 1


def test_one_of_thirty_two_deletes(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)

    def delete(_: int) -> int:
        try:
            engine.backend.delete(ALICE, "plan")
        except MemoryMissing:
            return 0
        return 1

    assert sum(in_threads(32, delete)) == 1


def test_fifty_threads_at_a_cap_fill_it_and_never_exceed_it(capped_engine: Engine) -> None:
    kept = in_threads(50, lambda n: works.keep_under_caps(capped_engine.backend, f"{n}"))
    assert sum(kept) == works.MOST
    assert capped_engine.backend.totals(ALICE) == (works.MOST, works.MOST * 10)


def test_threads_at_a_cap_of_bytes_never_exceed_it(capped_engine: Engine) -> None:
    engine = capped_engine
    in_threads(30, lambda n: works.keep_under_caps(engine.backend, f"{n % 10}", size=10 + n))
    assert engine.backend.totals(ALICE).bytes <= works.MOST * 10
    assert engine.backend.totals(ALICE).bytes == sum(e.size for e in engine.backend.page(ALICE).entries)


def test_extensions_of_many_threads_all_count(exact_engine: Engine) -> None:
    put = exact_engine.backend.put(ALICE, "plan", [b"1"], LONG)
    in_threads(
        10,
        lambda _: [
            exact_engine.backend.update(ALICE, "plan", extra_ms=1, max_ttl_ms=LONG * 9) for _ in "x" * 50
        ],
    )
    assert exact_engine.backend.get(ALICE, "plan").expires_at_ms == put.expires_at_ms + 500


def test_readers_see_whole_values_while_writers_replace_them(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"A"], LONG)
    done = threading.Event()

    def run(n: int) -> int:
        if n < 2:
            for _, data in zip(range(30), works.values(n), strict=False):
                engine.backend.put(ALICE, "plan", [data[:1000], data[1000:]], LONG)
            done.set()
            return 0
        whole = 0
        while not done.is_set() or whole == 0:
            record = engine.backend.get(ALICE, "plan")
            try:
                data = content(record)
            except StoreUnavailable:
                continue
            works.assert_whole(data)
            assert len(data) == record.size
            whole += 1
        return whole

    assert all(whole > 0 for whole in in_threads(6, run)[2:])


def test_each_threads_own_records_are_all_there(engine: Engine) -> None:
    def run(n: int) -> None:
        for m in range(20):
            engine.backend.put(ALICE, f"{n}/{m:02}", [b"1"], LONG)
            engine.backend.many(ALICE, [Put(f"{n}/{m:02}/b", [b"1"], LONG), Get(f"{n}/{m:02}")])

    in_threads(8, run)
    assert engine.backend.totals(ALICE) == (320, 320)
    assert len(ids(engine.backend, ALICE)) == 320


@pytest.mark.parametrize("round_", range(3))
def test_purges_and_writes_do_not_disturb_each_other(exact_engine: Engine, round_: int) -> None:
    engine = exact_engine
    for n in range(1_000):
        engine.backend.put(ALICE, f"dead{n}", [b"1"], 10)
    engine.advance(10)

    def run(n: int) -> int:
        if n < 3:
            removed = 0
            while True:
                memories, _, more = engine.backend.purge(100)
                removed += memories
                if not more:
                    return removed
        for m in range(20):
            engine.backend.put(ALICE, f"live{n}/{m}", [b"1"], LONG)
        return 0

    removed = sum(in_threads(6, run))
    assert removed <= 1_000, "none is counted twice"
    assert engine.backend.totals() == (60, 60)
