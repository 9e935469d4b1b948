"""Any number of threads, of which few compute at once, and fewer on large bodies."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Job = Callable[[], None]
T = TypeVar("T")


class Seat:
    """The place of one thread: it sleeps here until it gets a run slot, or is `wanted` to take jobs."""

    __slots__ = ("gate", "wanted")

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.wanted = False


class RunSlots:
    """Runs jobs in threads, at most `slots` at a time. A thread that waits for a client lends its slot.

    `take` waits for the next job, and returns None if no more will come; several threads may call it. Each thread takes
    its next job itself. While a slot is free, some thread is taking. A slot passes straight to the next thread in the
    queue, first come, first served, whether that thread has a new job or comes back from waiting. Neither a job nor
    `take` may raise. Threads are daemons: those that wait for a client do not delay the end of the process.
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
        """Start the first thread, which starts others as needed."""
        with self._lock:
            self._takers += 1
        self._recruit(None)

    def lend(self, wait: Callable[[], T]) -> T:
        """Return `wait()`, and let others use this thread's slot meanwhile. A thread without a slot just waits."""
        seat: Seat | None = getattr(self._thread, "seat", None)
        if seat is None:
            return wait()
        self._pass_on()
        try:
            return wait()
        finally:
            self._have_slot(seat)

    def shutdown(self, wait: bool = False) -> None:
        """End the idle threads; others end after their job, or once `take` returns None."""
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
        """Wait until this thread holds a slot. `took`: it has just taken a job."""
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
        """Pass this thread's slot to the next in the queue, or free it. A thread `leaving` a job may take another."""
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
        """Return whether this thread takes another job: now, or after a sleep as one of a few spare threads."""
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
        """Return whether a taker is missing, and who becomes one: an idle thread, or None for a new one."""
        if self._takers or not self._free or self._closed:
            return False, None
        self._takers += 1
        return True, self._idle.pop() if self._idle else None

    def _recruit(self, helper: Seat | None) -> None:
        """Have this thread, or a new one, take jobs. The caller has counted it among the takers."""
        if helper is not None:
            helper.wanted = True
            helper.gate.release()
            return
        try:
            threading.Thread(target=self._work, daemon=True).start()
        except RuntimeError:
            # The system has no more threads: jobs wait for one that is done.
            with self._lock:
                self._takers -= 1


Application = Callable[..., Iterable[bytes]]


class Lane:
    """Limits large bodies to half of the run slots, at least one. Small requests have the rest.

    A large body may compute for seconds: the server checks its JSON and writes its chunks. The server knows its
    threads, and the application knows which body is large, so it finds the lane as `environ["stash.large_bodies"]`.
    """

    def __init__(self, threads: int, slots: RunSlots) -> None:
        self._room = threading.BoundedSemaphore(max(1, threads // 2))
        self._slots = slots

    def enter(self, seconds: float) -> bool:
        """Return whether room came within so many seconds; others use this thread's run slot meanwhile."""
        if self._room.acquire(blocking=False):
            return True
        return self._slots.lend(lambda: self._room.acquire(timeout=seconds))

    def leave(self) -> None:
        """Make room for the next."""
        self._room.release()

    def beside(self, application: Application) -> Application:
        """Wrap the WSGI application so that it finds the lane in its environ."""

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ["stash.large_bodies"] = self
            return application(environ, start_response)

        return answer
