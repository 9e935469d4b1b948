"""A client that can be as rude as a bare socket lets it."""

import json
import socket
import time
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """A response, as it came. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection."""

    def __init__(self, port: int, timeout: float = 10, buffer: int = 0) -> None:
        self.sock = socket.socket()
        if buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.sock.settimeout(timeout)
        self.sock.connect(("127.0.0.1", port))
        self.unread = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def request(self, method: str, target: str, body: bytes = b"", **headers: object) -> None:
        """Sends a request. Underscores in header names stand for hyphens."""
        self.send(head(method, target, **{"Content_Length": len(body), **headers}) + body)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: object) -> Answer:
        """Sends a request; returns its answer."""
        self.request(method, target, body, **headers)
        return self.answer(method)

    def answer(self, method: str = "GET") -> Answer:
        """The next answer."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:-2])}
        status = int(lines[0].split()[1])
        if method == "HEAD" or status in (100, 204, 304):
            return Answer(status, headers, b"")
        if "content-length" in headers:
            return Answer(status, headers, self.exactly(int(headers["content-length"])))
        body = b""
        while size := int(self.until(b"\r\n"), 16):
            body += self.exactly(size + 2)[:-2]
        self.until(b"\r\n")
        return Answer(status, headers, body)

    def until(self, end: bytes) -> bytes:
        """Everything up to and with `end`."""
        while end not in self.unread:
            self.more()
        found, self.unread = self.unread[: (at := self.unread.index(end) + len(end))], self.unread[at:]
        return found

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        pieces, length = [self.unread], len(self.unread)
        while length < count:
            self.unread = b""
            self.more()
            pieces.append(self.unread)
            length += len(self.unread)
        data = b"".join(pieces)
        self.unread = data[count:]
        return data[:count]

    def more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError(f"The server closed after {self.unread!r}")
        self.unread += data

    def closed(self, within: float) -> bool:
        """Whether the server closes the connection in so many seconds, with nothing more said."""
        self.sock.settimeout(within)
        try:
            return self.sock.recv(1) == b"" and not self.unread
        except TimeoutError:
            return False
        except ConnectionError:
            return True


def head(method: str, target: str, **headers: object) -> bytes:
    """A request's head."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def seconds_since(start: float) -> float:
    return time.monotonic() - start
