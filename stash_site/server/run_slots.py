"""Threads without number, of which only so many compute at once."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Job = Callable[[], None]
T = TypeVar("T")


class Seat:
    """A thread's place: where it sleeps until it is given a run slot, or is wanted to listen."""

    __slots__ = ("gate", "wanted")

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.wanted = False


class RunSlots:
    """Threads that take jobs and run them, at most `slots` at a time; one that waits for a client lends its slot.

    `take` waits for the next job, in as many threads as call it, and returns None when there will be no more. A
    thread takes its next job itself, and no other thread hands it over. While a slot is free, some thread is taking.
    A slot is held by a running job, by nobody, or is handed from one thread straight to the next in the queue: first
    come, first served, be it one with a new job or one that comes back from waiting. Neither a job nor `take` may
    raise. Threads are daemons: those that still wait for a client do not hold up the end of the process.
    """

    def __init__(self, slots: int, take: Callable[[], Job | None]) -> None:
        self._slots = self._free = slots
        self._take = take
        self._lock = threading.Lock()
        self._queue: deque[Seat] = deque()
        self._takers = 0
        self._idle: list[Seat] = []
        self._closed = False
        self._thread = threading.local()

    def start(self) -> None:
        """The first thread begins to take jobs; it sees to the others."""
        with self._lock:
            self._takers += 1
        self._recruit(None)

    def lend(self, wait: Callable[[], T]) -> T:
        """Returns `wait()`, during which this thread's slot serves others. Any other thread just waits."""
        seat: Seat | None = getattr(self._thread, "seat", None)
        if seat is None:
            return wait()
        self._pass_on()
        try:
            return wait()
        finally:
            self._have_slot(seat)

    def shutdown(self, wait: bool = False) -> None:
        """Ends the idle threads; the others end after their job, or when `take` says so."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for seat in idle:
            seat.gate.release()

    def _work(self) -> None:
        seat = self._thread.seat = Seat()
        while (job := self._take()) is not None:
            self._have_slot(seat, took=True)
            job()
            self._pass_on(leaving=True)
            if not self._takes_again(seat):
                return

    def _have_slot(self, seat: Seat, *, took: bool = False) -> None:
        """Returns when this thread holds a slot; `took`: it has just taken a job."""
        with self._lock:
            self._takers -= took
            waits = not self._free
            if waits:
                self._queue.append(seat)
            else:
                self._free -= 1
            nobody_takes, helper = self._helper()
        if nobody_takes:
            self._recruit(helper)
        if waits:
            seat.gate.acquire()

    def _pass_on(self, *, leaving: bool = False) -> None:
        """Gives this thread's slot to the next in the queue, or to nobody. Who is `leaving` a job may take the next."""
        nobody_takes, helper = False, None
        with self._lock:
            if self._queue:
                self._queue.popleft().gate.release()
                return
            self._free += 1
            if not leaving:
                nobody_takes, helper = self._helper()
        if nobody_takes:
            self._recruit(helper)

    def _takes_again(self, seat: Seat) -> bool:
        """Whether this thread is to take another job: now, or after a sleep as one of a few spare ones."""
        with self._lock:
            if self._closed:
                return False
            if self._takers < self._slots:
                self._takers += 1
                return True
            if len(self._idle) >= self._slots:
                return False
            self._idle.append(seat)
        seat.gate.acquire()
        wanted, seat.wanted = seat.wanted, False
        return wanted

    def _helper(self) -> tuple[bool, Seat | None]:
        """Whether a slot is free and nobody takes jobs; then who is to: an idle thread, or None for a new one."""
        if self._takers or not self._free or self._closed:
            return False, None
        self._takers += 1
        return True, self._idle.pop() if self._idle else None

    def _recruit(self, helper: Seat | None) -> None:
        """Has this thread, or a new one, take jobs; it is counted among the takers already."""
        if helper is not None:
            helper.wanted = True
            helper.gate.release()
            return
        try:
            threading.Thread(target=self._work, daemon=True).start()
        except RuntimeError:
            # No more threads to be had: jobs wait for one that is done.
            with self._lock:
                self._takers -= 1


Application = Callable[..., Iterable[bytes]]


class Lane:
    """Holds half of the run slots' threads, and at least one."""

    def __init__(self, threads: int, slots: RunSlots) -> None:
        self._room = threading.BoundedSemaphore(max(1, threads // 2))
        self._slots = slots

    def enter(self, seconds: float) -> bool:
        """Whether there was room within so many seconds, in which this thread's run slot serves others."""
        if self._room.acquire(blocking=False):
            return True
        return self._slots.lend(lambda: self._room.acquire(timeout=seconds))

    def leave(self) -> None:
        """Makes room for the next."""
        self._room.release()

    def beside(self, application: Application) -> Application:
        """The WSGI application with the lane in its environ."""

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ["stash.large_bodies"] = self
            return application(environ, start_response)

        return answer
