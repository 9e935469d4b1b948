"""Responses: those of the application, and the refusals of requests that never reach it."""

import json
import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.http.wsgi import Response
from gunicorn.util import http_date

from stash_site.server.body import BodyReader
from stash_site.server.exchange import SlowBody, SlowHead

Headers = list[tuple[str, str]]

# Two writes cost 15 us more than one, 4 to 8 % of a small request; copying a larger body costs more than that.
JOIN_BYTES = 64 * 1024


class Answer(Response):
    """gunicorn's Response, which sends a small body together with the head.

    It honors an application's `Connection: close`, which gunicorn drops. It also closes the connection if too much of
    the request's body is unread. Both responses say `Connection: close`.
    """

    req: Any
    sock: Any
    headers: Headers
    headers_sent: bool
    status_code: int

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """Take the status and headers (PEP 3333)."""
        body = self.req.body.reader
        if isinstance(body, BodyReader):
            if body.in_the_way:
                self.force_close()
            body.note_response()
        return super().start_response(status, headers, exc_info)

    def process_headers(self, headers: Headers) -> None:
        """Take the application's headers; its `Connection: close` closes the connection."""
        super().process_headers(headers)
        for name, value in headers:
            if len(name) == len("connection") and name.lower() == "connection" and "close" in value.lower():
                self.force_close()

    @property
    def has_no_body(self) -> bool:
        """Return whether HTTP forbids this response a body (RFC 9110, sections 9.3.2 and 15)."""
        return self.req.method == "HEAD" or self.status_code in (204, 304) or self.status_code < 200

    def head(self) -> bytes:
        """Return the status line and the headers."""
        connection = "upgrade" if self.upgrade else "close" if self.should_close() else "keep-alive"
        encoding = "Transfer-Encoding: chunked\r\n" if self.chunked else ""
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers])
        version = "HTTP/{}.{}".format(*self.req.version)
        return (
            f"{version} {self.status}\r\nServer: {self.version}\r\nDate: {date(int(time.time()))}\r\n"
            f"Connection: {connection}\r\n{encoding}{lines}\r\n"
        ).encode("latin-1")

    def send_headers(self) -> None:
        """Send the head; the kernel may hold it back for a body that follows at once."""
        if not self.headers_sent:
            self.headers_sent = True
            self.sock.sendall(self.head(), more=bool(self.response_length) and not self.has_no_body)

    def write(self, data: bytes) -> None:
        """Send a piece of the body, and with the first small piece the head."""
        length = self.response_length
        if type(data) is not bytes or length is None or self.sent + len(data) > length or self.has_no_body:
            super().write(data)
            return
        if not self.headers_sent and len(data) <= JOIN_BYTES:
            self.headers_sent = True
            text = self.head() + data
        else:
            self.send_headers()
            text = data
        self.sent += len(data)
        self.sock.sendall(text, more=self.sent < length)


_today = (0, "")


def date(second: int) -> str:
    """Return the Date header's value, which takes 5 us to format and changes once a second.

    Threads may write `_today` at once: they write the same.
    """
    global _today
    known, text = _today
    if known != second:
        text = http_date(second)
        _today = (second, text)
    return text


TITLES = {
    "invalid_request": "Invalid request",
    "request_timeout": "Request timeout",
    "internal_error": "Internal error",
}
# Names of gunicorn's errors, since not every supported gunicorn has all of them.
REFUSALS = {
    "InvalidRequestLine": (400, "The request line is not valid HTTP."),
    "InvalidRequestMethod": (400, "The request's method is not valid HTTP."),
    "InvalidHTTPVersion": (400, "The request's HTTP version is not supported; HTTP/1.1 is."),
    "InvalidHeader": (400, "A header of the request is malformed, or contradicts another."),
    "InvalidHeaderName": (400, "A header of the request has an invalid name."),
    "ObsoleteFolding": (400, "A header of the request is folded over several lines."),
    "InvalidSchemeHeaders": (400, "The request's headers about its scheme contradict each other."),
    "InvalidProxyLine": (400, "The PROXY line is malformed."),
    "InvalidProxyHeader": (400, "The PROXY header is malformed."),
    "InvalidH2CPreface": (400, "The HTTP/2 preface is malformed."),
    "InvalidChunkSize": (400, "The chunked body has an invalid chunk size."),
    "InvalidChunkExtension": (400, "The chunked body has an invalid chunk extension."),
    "ChunkMissingTerminator": (400, "The chunked body has a chunk without its end."),
    "ConfigurationProblem": (400, "The request's path is not below its SCRIPT_NAME."),
    "NoMoreData": (400, "The body ended too soon."),
    "ForbiddenProxyRequest": (403, "Requests through this proxy are not accepted."),
    "LimitRequestLine": (414, "The request line is too long."),
    "ExpectationFailed": (417, "Of all expectations only 100-continue is supported."),
    "LimitRequestHeaders": (431, "The request's headers are too long, or too many."),
    "UnsupportedTransferCoding": (501, "Of all transfer codings only chunked is supported."),
}
HEAD = (
    "HTTP/1.1 {status} {phrase}\r\n"
    "Date: {date}\r\n"
    "Connection: close\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: {length}\r\n"
    "Cache-Control: private, no-cache\r\n"
    "Vary: X-API-KEY, Authorization\r\n"
    "X-Content-Type-Options: nosniff\r\n\r\n"
)


@dataclass(frozen=True)
class Problem:
    """A refusal: application/problem+json that repeats none of the client's words, which may hold an API key."""

    status: int
    code: str
    detail: str

    def answer(self, with_body: bool = True) -> bytes:
        """Return the whole response; the connection closes after it."""
        document = {
            "type": f"urn:stash:error:{self.code}",
            "title": TITLES[self.code],
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        body = json.dumps(document, separators=(",", ":")).encode()
        head = HEAD.format(
            status=self.status,
            phrase=HTTPStatus(self.status).phrase,
            date=formatdate(usegmt=True),
            length=len(body),
        )
        return head.encode("ascii") + (body if with_body else b"")


def problem(error: BaseException) -> Problem:
    """Choose the problem for `error`. A bad header of the application counts as an internal error."""
    if isinstance(error, SlowHead):
        return Problem(408, "request_timeout", "The request's head did not come in time.")
    if isinstance(error, SlowBody):
        return Problem(408, "request_timeout", "The request's body did not come in time.")
    if type(error).__module__ == errors.__name__ and type(error).__name__ in REFUSALS:
        status, detail = REFUSALS[type(error).__name__]
        return Problem(status, "invalid_request", detail)
    return Problem(500, "internal_error", "The server failed to answer; the fault is logged.")
