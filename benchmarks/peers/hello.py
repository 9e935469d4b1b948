"""The least that a WSGI application can do: 300 bytes, always the same."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b"x" * 300
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """200, whatever was asked."""
    start_response("200 OK", HEADERS)
    return [BODY]
