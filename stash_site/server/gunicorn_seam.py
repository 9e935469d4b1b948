"""All that Stash uses of gunicorn beyond its documentation; no other file touches these names.

A new gunicorn may break this file alone. Each use, and why it stays:

- `_expected_100_continue`: gunicorn sends `100 Continue` before the application has seen the request, so that a
  client would upload 100 MB only to read a 413. gunicorn has no public switch for it.
- `_peer_trusted_for_forwarded`: behind a proxy every request carries X-Forwarded-Proto. Without this method such heads
  would need gunicorn's own parser, which costs a small request 24 to 31 % (benchmarks/shortcuts).
- `unreader.buf`: bytes read along with the last request make no socket readable, so the poller cannot report them.
- ThreadWorker's loop (`murder_keepalived`, `nr_conns`, `method_queue`...): gunicorn has no deadline for reading a
  request. A loop that hands each request to a thread cost an empty request 15 % when the threads took that over.
"""

from collections.abc import Mapping
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


def take_over_continue(request: Any) -> bool:
    """Keep gunicorn from sending `100 Continue`; return whether the client waits for one."""
    expected = bool(getattr(request, "_expected_100_continue", False))
    request._expected_100_continue = False
    return expected


def trusted_scheme_headers(request: Any) -> Mapping[str, str]:
    """Return the headers that may tell the scheme, each with its value for https; none if the peer is not trusted."""
    headers: Mapping[str, str] = request._peer_trusted_for_forwarded()[0]
    return headers


def has_read_ahead(unreader: Any) -> bool:
    """Return whether bytes of a next request are in memory already."""
    return bool(unreader.buf.getvalue())


def take_read_ahead(unreader: Any) -> bytes:
    """Return the bytes that are in memory already, and never read from the socket."""
    return bytes(unreader.read()) if has_read_ahead(unreader) else b""


class LoopWorker(ThreadWorker):
    """gunicorn's main loop, which calls the methods below by our names for them."""

    alive: bool
    nr_conns: int

    def make_thread_pool(self) -> Any:
        """Make the threads that serve requests."""
        raise NotImplementedError

    def take_connection(self, listener: Any) -> None:
        """Accept a connection."""
        raise NotImplementedError

    def close_late_connections(self, *, everyone: bool) -> None:
        """Close the connections that have waited too long, or all that wait."""
        raise NotImplementedError

    def make_room(self) -> bool:
        """Close idle connections for newcomers; return whether any was closed."""
        raise NotImplementedError

    def begin_stop(self) -> None:
        """The worker accepts no more connections, and soon ends."""
        raise NotImplementedError

    def before_wait(self, seconds: float) -> float:
        """Return how long the loop may wait, at most `seconds`."""
        raise NotImplementedError

    def count_connections(self, change: int) -> None:
        """Add to the number of open connections. Only for the main loop's thread."""
        self.nr_conns += change

    def report_closed(self) -> None:
        """Have the main loop count one connection less. For any thread."""
        self.method_queue.defer(self.count_connections, -1)

    def get_thread_pool(self) -> Any:
        """Named by gunicorn: see make_thread_pool."""
        return self.make_thread_pool()

    def accept(self, listener: Any) -> None:
        """Named by gunicorn: see take_connection."""
        self.take_connection(listener)

    def murder_keepalived(self, force: bool = False) -> None:
        """Named by gunicorn: see close_late_connections."""
        self.close_late_connections(everyone=force)

    def murder_pending(self) -> None:
        """Named by gunicorn. Nothing is ever pending: new connections wait as all others do."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Named by gunicorn. It stops accepting at the limit of connections, and as the first step of its end."""
        if not enabled and self.alive and self.make_room():
            return
        super().set_accept_enabled(enabled)
        if not self.alive:
            self.begin_stop()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Named by gunicorn: see before_wait."""
        super().wait_for_and_dispatch_events(self.before_wait(timeout))
