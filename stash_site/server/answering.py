"""The threads of a worker: each serves one request at a time, within the deadlines."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

from gunicorn.http.wsgi import FileWrapper, create

from stash_site.server.answer import Answer, problem
from stash_site.server.body import read_by
from stash_site.server.connection import Connection
from stash_site.server.deadline import Limits
from stash_site.server.exchange import DeadlineSocket, Exchange
from stash_site.server.gunicorn_seam import LoopWorker, has_read_ahead
from stash_site.server.plain_requests import PlainRequest, request_environ
from stash_site.server.run_slots import Job, Lane, RunSlots
from stash_site.server.waiting import Waiting


class AnsweringWorker(LoopWorker):
    """gunicorn's ThreadWorker with deadlines (`limits`), and run slots in the place of a thread pool."""

    limits = Limits()
    wsgi: Any
    alive: bool

    def make_thread_pool(self) -> RunSlots:
        """Make `threads` run slots, which serve the waiting connections."""
        self.waiting = Waiting()
        return RunSlots(self.cfg.threads, self.next_request)

    def next_request(self) -> Job | None:
        """Wait for a request; None if the worker has stopped."""
        conn = self.waiting.next()
        return None if conn is None else partial(self.serve, conn)

    def new_exchange(self) -> Exchange:
        """Begin the exchange of one request and its response."""
        return Exchange(self.limits, self.tpool)

    def load_wsgi(self) -> None:
        """Load the application, and hand it the lane for large bodies."""
        super().load_wsgi()
        self.wsgi = Lane(self.cfg.threads, self.tpool).beside(self.wsgi)

    def serve(self, conn: Connection) -> None:
        """Serve one request; this thread holds a run slot."""
        alive = False
        conn.begin(self.new_exchange())
        try:
            alive = self.handle(conn) is True
        except BaseException:
            # A SystemExit of the application, for one, ends its request and not the server.
            self.log.exception("Error handling request")
        finally:
            if alive:
                conn.answered = time.monotonic()
                at_once = has_read_ahead(conn.parser.unreader)
                self.waiting.put(conn, conn.answered + self.cfg.keepalive, at_once=at_once)
            else:
                try:
                    conn.close_gently()
                finally:
                    self.report_closed()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer the request; return whether the connection stays open."""
        exchange = conn.sock.exchange
        body = read_by(conn.sock, req)
        conn.expecting = body is not None
        answer, environ = self.prepare(req, conn)
        try:
            alive = self.call_application(answer, environ)
        except OSError as error:
            if exchange.slow_reader:
                self.log.debug("%s reads too slowly", address(conn.client))
                raise
            if exchange.broken:
                raise
            # The application raised it, or did not handle an error about the body. gunicorn would not answer.
            if exchange.sent:
                self.log.exception("Error handling request")
            else:
                self.handle_error(req, conn.sock, conn.client, error)
            return False
        except (Exception, SystemExit):
            if not answer.headers_sent:
                raise
            # The client would take a second response for part of the first.
            self.log.exception("Error handling request")
            return False
        if body is not None:
            alive = alive and body.drain()
            conn.expecting = body.left > 0
        return alive

    def prepare(self, req: Any, conn: Connection) -> tuple[Answer, dict[str, Any]]:
        """Return an empty response, and the environ of the request (PEP 3333)."""
        if conn.environ is not None and isinstance(req, PlainRequest):
            return Answer(req, conn.sock, self.cfg), request_environ(conn.environ, req)
        answer, environ = create(req, conn.sock, conn.client, conn.server, self.cfg, response_class=Answer)
        return answer, {**environ, "wsgi.multithread": True}

    def call_application(self, answer: Answer, environ: dict[str, Any]) -> bool:
        """Send the application's response; return whether the connection stays open.

        gunicorn's hooks around a request are never called.
        """
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive or not self.cfg.keepalive:
            answer.force_close()
        began = time.monotonic()
        pieces = self.wsgi(environ, answer.start_response)
        try:
            if isinstance(pieces, FileWrapper):
                answer.write_file(pieces)
            else:
                for piece in pieces:
                    answer.write(piece)
            answer.close()
        finally:
            if self.log.access_log_enabled:
                took = timedelta(seconds=time.monotonic() - began)
                self.log.access(answer, answer.req, environ, took)
            if hasattr(pieces, "close"):
                pieces.close()
        return not answer.should_close()

    def handle_error(self, req: Any, client: DeadlineSocket, addr: Any, exc: BaseException) -> None:
        """Answer if the application did not. The log names the kind of error and no word of the client."""
        refusal = problem(exc)
        if refusal.status == 500:
            self.log.error("Error handling request %s", getattr(req, "method", ""), exc_info=exc)
        else:
            self.log.warning("Request from %s refused: %s", address(addr), type(exc).__name__)
        try:
            client.sendall(refusal.answer(with_body=getattr(req, "method", "") != "HEAD"))
        except OSError:
            self.log.debug("%s has gone", address(addr))


def address(peer: Any) -> str:
    """Return a client's address for the log."""
    return str(peer[0]) if isinstance(peer, tuple) else "a local socket"
