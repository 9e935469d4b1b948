"""The answer to a request that never reached the application: application/problem+json, in our words only.

The client's own words are neither repeated nor logged: an API key may be among them.
"""

import json
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

from gunicorn.http import errors

from stash_site.server.exchange import SlowBody, SlowHead

TITLES = {
    "invalid_request": "Invalid request",
    "request_timeout": "Request timeout",
    "internal_error": "Internal error",
}
# By name: not every supported gunicorn has all of them.
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
    """What went wrong, as the client is told."""

    status: int
    code: str
    detail: str

    def answer(self, with_body: bool = True) -> bytes:
        """The whole answer, on a connection that closes after it."""
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
    """The problem that `error` is. A header that the application got wrong is the application's fault."""
    if isinstance(error, SlowHead):
        return Problem(408, "request_timeout", "The request's head did not come in time.")
    if isinstance(error, SlowBody):
        return Problem(408, "request_timeout", "The request's body did not come in time.")
    if type(error).__module__ == errors.__name__ and type(error).__name__ in REFUSALS:
        status, detail = REFUSALS[type(error).__name__]
        return Problem(status, "invalid_request", detail)
    return Problem(500, "internal_error", "The server failed to answer; the fault is logged.")
