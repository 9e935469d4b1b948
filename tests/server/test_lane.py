"""The lane: half of the threads are at large bodies at most, and those that wait for it keep nobody from running."""

import threading
from collections.abc import Iterator

import pytest

from stash_site.server.run_slots import Lane
from tests.server.pool import Pool

THREADS = 4


@pytest.fixture
def slots() -> Iterator[Pool]:
    slots = Pool(THREADS)
    yield slots
    slots.end()


@pytest.mark.parametrize(("threads", "holders"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_half_of_the_threads_may_be_in_it_and_at_least_one(slots: Pool, threads: int, holders: int) -> None:
    lane = Lane(threads, slots)
    assert [lane.enter(0) for _ in range(holders + 1)] == [True] * holders + [False]
    lane.leave()
    assert lane.enter(0)


def test_while_large_jobs_are_in_it_and_wait_for_it_a_small_one_runs(slots: Pool) -> None:
    lane, entered, done = Lane(THREADS, slots), threading.Semaphore(0), threading.Semaphore(0)
    go_on, small = threading.Event(), threading.Event()

    def large() -> None:
        assert lane.enter(60)
        entered.release()
        go_on.wait(60)
        lane.leave()
        done.release()

    for _ in range(3 * THREADS):
        slots.submit(large)
    for _ in range(THREADS // 2):
        assert entered.acquire(timeout=30)
    slots.submit(small.set)
    assert small.wait(30), "every thread is at a large job, or waits for one"
    assert not entered.acquire(blocking=False)
    go_on.set()
    for _ in range(3 * THREADS):
        assert done.acquire(timeout=30), "each has its turn"


def test_the_application_finds_it_in_its_environ(slots: Pool) -> None:
    lane, seen = Lane(THREADS, slots), []
    application = lane.beside(lambda environ, start: seen.append(environ["stash.large_bodies"]) or [])
    assert application({}, lambda *_: None) == []
    assert seen == [lane]
