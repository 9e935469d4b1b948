"""The start of an answer: whether the connection closes after it, and that its head leaves with its body."""

from collections.abc import Callable, Iterable
from typing import Any

from stash_site.server.body import BodyReader

Headers = list[tuple[str, str]]


class Closing:
    """WSGI middleware that makes gunicorn close.

    It honours an application's `Connection: close`, which gunicorn drops, and closes where a request's body is in
    the way of the next request. Either way the answer says `Connection: close`.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The application's answer."""
        sock = environ["gunicorn.socket"]
        request = sock.request

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            body = request.body.reader
            if isinstance(body, BodyReader):
                if body.in_the_way:
                    request.force_close()
                body.answered()
            for name, value in headers:
                lower = name.lower()
                if lower == "content-length":
                    # gunicorn writes such an answer's body right after its head.
                    sock.hold()
                elif lower == "connection" and "close" in value.lower():
                    request.force_close()
            return start_response(status, headers, exc_info)

        return self._application(environ, start)
