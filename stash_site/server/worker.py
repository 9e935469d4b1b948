"""gunicorn's threaded worker, in which no slow client delays another.

`threads` limits how many requests compute at once, not how many threads exist: a thread that waits for its client lends
its run slot to others, and waits no longer than the deadlines allow. gunicorn's own worker has no deadline for reading
a request: as many half-sent requests as it has threads stop it for good.
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
# Descriptors for the store, the database and the logs.
OTHER_DESCRIPTORS = 512
# How many idle connections close at once if the worker holds as many as it may.
ROOM = 16
# How long a stopping worker keeps idle connections, for requests that are already on their way.
STOP_SECONDS = 1.0


class DeadlineWorker(AnsweringWorker):
    """The main loop: accepts connections, closes those that wait too long, and stops.

    It never sees a request: threads take requests from `waiting` themselves.
    """

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse TLS and HTTP/2, which would bypass the deadlines. Raises RuntimeError."""
        super().check_config(cfg, log)
        if cfg.is_ssl or getattr(cfg, "http2_cleartext", "off") not in ("off", "", None, False):
            raise RuntimeError("This worker speaks plain HTTP/1.1. End TLS and HTTP/2 in a proxy before it.")

    def init_process(self) -> None:
        """Raise the limit of descriptors to what the connections need, as far as the system allows."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.worker_connections + OTHER_DESCRIPTORS
        if soft != resource.RLIM_INFINITY and soft < wanted:
            allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        keep_freed_memory()
        self.owing = Owing(self.limits)
        super().init_process()

    def run(self) -> None:
        """Run gunicorn's main loop, and the threads beside it."""
        self.tpool.start()
        super().run()
        self.waiting.end()

    def take_connection(self, listener: Any) -> None:
        """Accept a connection. It waits for its first byte without a thread, and closes if none comes in time."""
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
        conn.begin(self.new_exchange())
        self.waiting.put(conn, time.monotonic() + self.limits.head)

    def close_late_connections(self, *, everyone: bool) -> None:
        """Close connections that waited too long, and those whose clients read a response too slowly.

        A request that has arrived and waits for a run slot keeps its connection: closing would reset it.
        """
        now = time.monotonic()
        waiting = self.waiting.all()
        for conn in waiting:
            if (everyone or conn.timeout <= now) and self.waiting.remove(conn, idle=not everyone):
                self.count_connections(-1)
                conn.close()
        for conn in self.owing.overdue(waiting, now):
            # If its next request has just arrived, a thread's deadlines apply.
            if self.waiting.remove(conn):
                self.log.debug("%s reads too slowly", address(conn.client))
                self.count_connections(-1)
                self.owing.reset(conn)

    def make_room(self) -> bool:
        """Close idle connections for newcomers, the longest idle first; return whether any was closed.

        Otherwise idle clients could hold all connections, and lock everyone out for as long as keep-alive lasts.
        """
        room = 0
        # Connections without a request so far came last, and go last.
        for conn in sorted(self.waiting.all(), key=lambda conn: not conn.initialized):
            if room == ROOM:
                break
            if self.waiting.remove(conn, idle=True):
                self.count_connections(-1)
                conn.close()
                room += 1
        return room > 0

    def begin_stop(self) -> None:
        """Have idle connections close soon."""
        latest = time.monotonic() + STOP_SECONDS
        for conn in self.waiting.all():
            conn.timeout = min(conn.timeout, latest)

    def before_wait(self, seconds: float) -> float:
        """Return how long the loop may wait. A stopping worker looks often whether it is done."""
        if not self.alive:
            self.notify()
            self.begin_stop()
            seconds = 0.1
        return min(seconds, self.owing.step)


# glibc returns the top of a heap to the kernel as soon as 128 KB to a few megabytes are free. A value of 1 MB then pays
# for 256 page faults at each copy, and a stash of 1 MB took twice the processor time. The numbers are from <malloc.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# Pieces of bodies are 1 MB at most; larger buffers go back to the kernel at once.
MAPPED_BYTES = 4 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
# Each arena keeps that much. While one thread computes, the others hardly ever call malloc.
ARENAS = 2


def keep_freed_memory() -> None:
    """Have malloc keep what large bodies leave free. Call it before threads start; without glibc it does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        set_option = ctypes.CDLL(None).mallopt
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
        set_option(M_MMAP_THRESHOLD, MAPPED_BYTES)
        set_option(M_ARENA_MAX, ARENAS)
