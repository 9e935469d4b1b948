"""Threads without number, of which only so many compute at once."""

import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

Job = Callable[[], None]
T = TypeVar("T")


class Seat:
    """A thread's place: where it sleeps until it is given a run slot, and for idle threads a job too."""

    __slots__ = ("gate", "job")

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.job: Job | None = None


class RunSlots:
    """Runs jobs in threads, at most `slots` of them at a time; a thread that waits for a client lends its slot.

    A slot is held by a running job, by nobody, or is handed from one thread straight to the next in the queue:
    first come, first served, be it a new job or a thread that comes back from waiting. A job may never raise.
    Threads are daemons: those that still wait for a client do not hold up the end of the process.
    """

    def __init__(self, slots: int) -> None:
        self._spare = 2 * slots
        self._free = slots
        self._lock = threading.Lock()
        self._queue: deque[Job | Seat] = deque()
        self._idle: list[Seat] = []
        self._closed = False
        self._thread = threading.local()

    def submit(self, job: Job) -> None:
        """Runs `job` in some thread as soon as a slot is free."""
        with self._lock:
            if not self._free:
                self._queue.append(job)
                return
            self._free -= 1
            seat = self._idle.pop() if self._idle else None
        self._start(job, seat)

    def lend(self, wait: Callable[[], T]) -> T:
        """Returns `wait()`, during which this thread's slot serves others. Any other thread just waits."""
        seat: Seat | None = getattr(self._thread, "seat", None)
        if seat is None:
            return wait()
        self._pass_on()
        try:
            return wait()
        finally:
            self._take_back(seat)

    def shutdown(self, wait: bool = False) -> None:
        """Ends the idle threads; the others end after their job."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for seat in idle:
            seat.gate.release()

    def _start(self, job: Job, seat: Seat | None) -> None:
        """Gives `job`, and the slot that comes with it, to an idle thread or to a new one."""
        if seat is not None:
            seat.job = job
            seat.gate.release()
            return
        try:
            threading.Thread(target=self._work, args=(job,), daemon=True).start()
        except RuntimeError:
            # No more threads to be had: the job waits for one that is done.
            with self._lock:
                self._queue.appendleft(job)
                self._free += 1

    def _pass_on(self) -> None:
        with self._lock:
            if not self._queue:
                self._free += 1
                return
            following = self._queue.popleft()
            if isinstance(following, Seat):
                following.gate.release()
                return
            seat = self._idle.pop() if self._idle else None
        self._start(following, seat)

    def _take_back(self, seat: Seat) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._queue.append(seat)
        seat.gate.acquire()

    def _work(self, job: Job | None) -> None:
        seat = self._thread.seat = Seat()
        while job is not None:
            job()
            job = self._next(seat)

    def _next(self, seat: Seat) -> Job | None:
        """The next job with this thread's slot; or, the slot passed on, one that comes later; or none: the end."""
        with self._lock:
            following = self._queue.popleft() if self._queue else None
            if following is not None and not isinstance(following, Seat):
                return following
            if following is None:
                self._free += 1
            ends = self._closed or len(self._idle) >= self._spare
            if not ends:
                self._idle.append(seat)
        if following is not None:
            following.gate.release()
        if ends:
            return None
        seat.gate.acquire()
        job, seat.job = seat.job, None
        return job
