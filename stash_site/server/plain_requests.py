"""Plain requests: heads without anything that needs judging, which nearly all are. gunicorn's parser judges the rest.

That one is careful and written in Python: 60 us for a head of five lines, where two regular expressions that such a
head matches take 6. What is plain is defined so narrowly that gunicorn would take it too, and read the same in it;
tests/server/test_plain.py holds the two against each other.
"""

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from gunicorn.http.body import LengthReader
from gunicorn.http.message import Request
from gunicorn.http.wsgi import base_environ
from gunicorn.util import unquote_to_wsgi_str

from stash_site.server.body import PlainBody
from stash_site.server.gunicorn_seam import trusted_scheme_headers

Headers: TypeAlias = list[tuple[str, str]]

# Smaller than any of gunicorn's limits on lines, as they come.
MOST_BYTES = 4_000
MOST_FIELDS = 50
TARGET = r"(/(?:[!-\"$-.0-~][!-\"$-~]*)?)"
NAME = r"[!#$%&'*+\-.^`|~0-9A-Za-z]+"
HEAD = re.compile(
    rf"(GET|HEAD|POST|PUT|PATCH|DELETE) {TARGET} HTTP/1\.1\r\n"
    rf"((?:{NAME}:[ \t!-~\x80-\xff]*\r\n)*)\r\n"
)
FIELD = re.compile(r"([^:\r\n]+):([^\r\n]*)\r\n")
LENGTH = re.compile(r"[0-9]{1,15}")
# Fields that say how the message is framed, or what the connection is for.
JUDGED = {"TRANSFER-ENCODING", "EXPECT", "UPGRADE"}
# What gunicorn believes a trusted proxy about the scheme.
FORWARDED = {"X-FORWARDED-PROTOCOL", "X-FORWARDED-PROTO", "X-FORWARDED-SSL"}
# Fields that may come once.
SINGLE = FORWARDED | {"HOST", "CONTENT-TYPE", "CONTENT-LENGTH", "CONNECTION"}


class PlainRequest(Request):
    """What gunicorn's Request would be."""

    version = (1, 1)
    scheme = "http"
    fragment = ""
    proxy_protocol_info = None
    must_close = False

    def __init__(self, connection: Any, method: str, target: str, headers: Headers, length: int) -> None:
        self.cfg = connection.cfg
        self.unreader = connection.unreader
        self.peer_addr = self.remote_addr = connection.source_addr
        self.method = method
        self.uri = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.trailers: Headers = []
        self.body = PlainBody(LengthReader(self.unreader, length))

    def should_close(self) -> bool:
        """Whether the connection ends with it."""
        return self.must_close

    def believe(self, fields: Mapping[str, str]) -> bool:
        """Takes the scheme from the one field about it, if a trusted proxy sent it; False where there are several."""
        said = [name for name in FORWARDED if name in fields]
        trusted = trusted_scheme_headers(self)
        for name in said:
            if name in trusted:
                self.scheme = "https" if fields[name] == trusted[name] else "http"
        return len(said) == 1


def plain_request(connection: Any, data: bytes) -> PlainRequest | None:
    """The request whose head `data` begins with, if it is plain; what follows the head goes back to the unreader.

    `connection` is gunicorn's parser of the connection that it came on.
    """
    end = data.find(b"\r\n\r\n", 0, MOST_BYTES) + 4
    if end < 4:
        return None
    head = HEAD.fullmatch(data[:end].decode("latin-1"))
    if head is None:
        return None
    method, target, lines = head.groups()
    headers = [(name.upper(), value.strip(" \t")) for name, value in FIELD.findall(lines)]
    seen = dict(headers)
    if len(headers) > MOST_FIELDS or not JUDGED.isdisjoint(seen):
        return None
    if len(seen) < len(headers) and repeats_single(headers):
        return None
    length = seen.get("CONTENT-LENGTH", "0")
    if seen.get("CONNECTION", "keep-alive") != "keep-alive" or LENGTH.fullmatch(length) is None:
        return None
    request = PlainRequest(connection, method, target, headers, int(length))
    if not FORWARDED.isdisjoint(seen) and not request.believe(seen):
        return None
    if end < len(data):
        connection.unreader.unread(data[end:])
    return request


def repeats_single(headers: Headers) -> bool:
    """Whether a field comes twice that may come once."""
    names = [name for name, _ in headers if name in SINGLE]
    return len(set(names)) < len(names)


def connection_environ(cfg: Any, sock: Any, client: Any, server: Any) -> dict[str, Any] | None:
    """What all requests of a connection have in common; None where gunicorn has to look at each (Unix sockets, and
    a mount point in SCRIPT_NAME)."""
    if not isinstance(server, tuple) or not isinstance(client, tuple) or os.environ.get("SCRIPT_NAME"):  # noqa: TID251
        return None
    return {
        **base_environ(cfg),
        "wsgi.multithread": True,
        "gunicorn.socket": sock,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "SCRIPT_NAME": "",
    }


def request_environ(common: dict[str, Any], request: PlainRequest) -> dict[str, Any]:
    """`common`, and what this request says. Fields that come several times are joined with commas."""
    path = request.path
    environ = {
        **common,
        "wsgi.input": request.body,
        "wsgi.url_scheme": request.scheme,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "RAW_URI": request.uri,
        "PATH_INFO": unquote_to_wsgi_str(path) if "%" in path else path,
    }
    for name, value in request.headers:
        key = variable(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@lru_cache(512)
def variable(name: str) -> str:
    """The environ's name for a field."""
    key = name.replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
