"""Run slots: never more jobs at once than there are, and none lost, however threads lend and fail."""

import random
import threading
import time
from collections.abc import Callable

import pytest

from tests.server.pool import Pool

SLOTS = 3


class Meter:
    """Counts what runs at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.peak = 0

    def __enter__(self) -> None:
        with self.lock:
            self.now += 1
            self.peak = max(self.peak, self.now)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.now -= 1


def finish(count: int) -> tuple[Callable[[], None], threading.Event]:
    """A function to call `count` times, and the event of the last call."""
    lock, done, left = threading.Lock(), threading.Event(), [count]

    def one() -> None:
        with lock:
            left[0] -= 1
            if not left[0]:
                done.set()

    return one, done


def each(*steps: Callable[[], object]) -> Callable[[], None]:
    """A function that takes these steps."""

    def run() -> None:
        for step in steps:
            step()

    return run


def test_no_more_run_at_once_than_there_are_slots_and_all_run() -> None:
    slots, meter, jobs = Pool(SLOTS), Meter(), 2000
    one, done = finish(jobs)

    def job() -> None:
        for _ in range(3):
            with meter:
                time.sleep(0.00001)
            if random.random() < 0.5:
                slots.lend(lambda: time.sleep(random.random() / 1000))
        one()

    for _ in range(jobs):
        slots.submit(job)
    assert done.wait(20)
    assert meter.peak == SLOTS
    # Every slot came back, or these would wait for one.
    barrier = threading.Barrier(SLOTS + 1)
    for _ in range(SLOTS):
        slots.submit(each(lambda: barrier.wait(5)))
    barrier.wait(5)


def test_while_a_slot_is_free_jobs_are_taken_and_beside_a_slow_one_too() -> None:
    slots, release = Pool(SLOTS), threading.Event()
    for _ in range(SLOTS - 1):
        slots.submit(each(release.wait))
    one, done = finish(20)
    for _ in range(20):
        slots.submit(one)
    assert done.wait(5)
    release.set()


def test_jobs_run_while_all_threads_wait() -> None:
    slots, release = Pool(SLOTS), threading.Event()
    one, done = finish(100)
    for _ in range(80):
        slots.submit(each(lambda: slots.lend(release.wait)))
    for _ in range(100):
        slots.submit(one)
    assert done.wait(5)
    release.set()


def test_a_thread_that_comes_back_waits_its_turn() -> None:
    slots, order = Pool(1), list[str]()
    away, back, done = threading.Event(), threading.Event(), threading.Event()

    def patient() -> None:
        slots.lend(each(away.set, lambda: back.wait(5)))
        order.append("came back")

    def busy() -> None:
        back.set()
        time.sleep(0.1)
        order.append("busy")

    slots.submit(patient)
    away.wait(5)
    slots.submit(busy)
    slots.submit(each(lambda: order.append("later"), done.set))
    assert done.wait(5)
    time.sleep(0.05)
    assert sorted(order) == ["busy", "came back", "later"]
    assert order[0] == "busy"


def test_an_error_in_waiting_gives_the_slot_back_to_its_thread() -> None:
    slots, meter = Pool(1), Meter()
    one, done = finish(50)

    def fail() -> None:
        raise TimeoutError

    def job() -> None:
        with pytest.raises(TimeoutError):
            slots.lend(fail)
        with meter:
            time.sleep(0.0001)
        one()

    for _ in range(50):
        slots.submit(job)
    assert done.wait(5)
    assert meter.peak == 1


def test_a_thread_without_a_slot_just_waits() -> None:
    assert Pool(1).lend(lambda: "waited") == "waited"


def test_a_job_that_no_thread_can_be_made_for_runs_later(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Pool(1)
    (first, first_done), (second, second_done) = finish(1), finish(1)
    started, go, release = threading.Event(), threading.Event(), threading.Event()
    slots.submit(each(started.set, lambda: go.wait(5), lambda: slots.lend(lambda: release.wait(5)), first))
    assert started.wait(5)
    monkeypatch.setattr(threading.Thread, "start", no_more_threads)
    go.set()
    slots.submit(second)
    assert not second_done.wait(0.1)
    release.set()
    assert first_done.wait(5)
    assert second_done.wait(5)


def no_more_threads(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_idle_threads_beyond_a_few_end() -> None:
    before = threading.active_count()
    slots, release = Pool(SLOTS), threading.Event()
    one, done = finish(50)
    for _ in range(50):
        slots.submit(each(lambda: slots.lend(release.wait), one))
    release.set()
    assert done.wait(5)
    deadline = time.monotonic() + 5
    while threading.active_count() > before + 2 * SLOTS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before + 2 * SLOTS
    slots.end()
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before
