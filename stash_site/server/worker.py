"""gunicorn's threaded worker, made so that no client's slowness keeps another from being answered.

`threads` is how many requests compute at once. There may be as many threads as connections: one that waits for
its client sleeps, its run slot lent to others, and no longer than the deadlines allow. (gunicorn's own worker has
no deadline for reading a request: as many half-sent requests as it has threads stop it for good.)
"""

import contextlib
import ctypes
import errno
import resource
import time
from typing import Any

from stash_site.server.answering import AnsweringWorker, address
from stash_site.server.connection import Connection
from stash_site.server.exchange import DeadlineSocket
from stash_site.server.waiting import Owing

NOT_NOW = (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK)
NOT_ENOUGH = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
# For all but connections: the store, the database, the logs.
OTHER_DESCRIPTORS = 512
# How many idle connections make room at once when there are as many as there may be.
ROOM = 16
# How long a stopping worker keeps idle connections, for requests that are on their way already.
STOP_SECONDS = 1.0


class DeadlineWorker(AnsweringWorker):
    """The main loop: takes connections, closes those that wait for too long, and stops.

    Requests pass it by: the threads take them from `waiting` themselves.
    """

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Raises RuntimeError for what would go round the deadlines."""
        super().check_config(cfg, log)
        if cfg.is_ssl or getattr(cfg, "http2_cleartext", "off") not in ("off", "", None, False):
            raise RuntimeError("This worker speaks plain HTTP/1.1. End TLS and HTTP/2 in a proxy before it.")

    def init_process(self) -> None:
        """Allows as many descriptors as the connections need, where the system lets it, and keeps memory at hand."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.worker_connections + OTHER_DESCRIPTORS
        if soft != resource.RLIM_INFINITY and soft < wanted:
            allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        keep_freed_memory()
        self.owing = Owing(self.limits)
        super().init_process()

    def run(self) -> None:
        """gunicorn's main loop, and the threads beside it."""
        self.tpool.start()
        super().run()
        self.waiting.end()

    def take_connection(self, listener: Any) -> None:
        """Takes a connection. No thread sees it before its first byte has come; without one it closes in time."""
        try:
            client, peer = listener.accept()
        except OSError as error:
            if error.errno in NOT_ENOUGH:
                self.log.warning("A connection has to wait: %s", error.strerror)
                time.sleep(0.1)
            elif error.errno not in NOT_NOW:
                raise
            return
        self.count_connections(+1)
        conn = Connection(self.cfg, DeadlineSocket.over(client), peer, listener.getsockname())
        conn.begin(self.exchange())
        self.waiting.put(conn, time.monotonic() + self.limits.head)

    def close_late_connections(self, *, everyone: bool) -> None:
        """Closes connections that waited for too long, and those of clients that read an answer too slowly.

        A request that has come, and waits for others to be computed, is no reason: closing on it would reset it.
        """
        now = time.monotonic()
        waiting = self.waiting.all()
        for conn in waiting:
            if (everyone or conn.timeout <= now) and self.waiting.remove(conn, idle=not everyone):
                self.count_connections(-1)
                conn.close()
        for conn in self.owing.overdue(waiting, now):
            # Its next request may just have come along, and is under a thread's deadlines.
            if self.waiting.remove(conn):
                self.log.debug("%s reads too slowly", address(conn.client))
                self.count_connections(-1)
                self.owing.reset(conn)

    def make_room(self) -> bool:
        """Closes idle connections, the longest idle first, for newcomers; False where there are none.

        Else as many idle clients as there may be connections would lock everyone out for as long as keep-alive.
        """
        room = 0
        # Those that have asked nothing yet are let alone for longest: they came last.
        for conn in sorted(self.waiting.all(), key=lambda conn: not conn.initialized):
            if room == ROOM:
                break
            if self.waiting.remove(conn, idle=True):
                self.count_connections(-1)
                conn.close()
                room += 1
        return room > 0

    def begin_stop(self) -> None:
        """Idle connections close soon."""
        latest = time.monotonic() + STOP_SECONDS
        for conn in self.waiting.all():
            conn.timeout = min(conn.timeout, latest)

    def before_wait(self, seconds: float) -> float:
        """A stopping worker looks often whether it is done, and says that it lives."""
        if not self.alive:
            self.notify()
            self.begin_stop()
            seconds = 0.1
        return min(seconds, self.owing.step)


# From <malloc.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# Pieces of bodies are 1 MB at most, and larger buffers go back to the kernel at once.
MAPPED_BYTES = 4 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
# What is kept is kept in each arena; while one thread computes, the others hardly ever need malloc.
ARENAS = 2


def keep_freed_memory() -> None:
    """Sets it for this process, before its threads begin; elsewhere than on glibc it does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
        set_option(M_MMAP_THRESHOLD, MAPPED_BYTES)
        set_option(M_ARENA_MAX, ARENAS)
