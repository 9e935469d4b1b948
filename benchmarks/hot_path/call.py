"""A request, ready to send, and what its answer has to be."""

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection


class WrongAnswer(Exception):
    """A contestant did not do the job: its figures would mean nothing."""


@dataclass(frozen=True)
class Call:
    """The bytes of a request, the status that answers it, and a look at the whole body: whether it is right.

    Every answer's status and length are held to the first one's; the look is taken at the first answer on
    each connection, since reading every body would take the generator longer than the server.
    """

    request: bytes
    status: int
    is_right: Callable[[bytes], bool]


def request(method: str, path: str, port: int, key: str | None = None, body: bytes | None = None) -> bytes:
    """A request with the headers that curl sends."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: stash-bench", "Accept: */*"]
    if key is not None:
        lines.append(f"X-API-KEY: {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def ask(
    port: int, method: str, path: str, key: str | None = None, body: bytes | None = None
) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own: for what comes before the measurement."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json"} | ({"X-API-KEY": key} if key else {})
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
