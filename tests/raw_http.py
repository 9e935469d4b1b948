"""HTTP on a bare socket, for what no well-behaved client can be made to send."""

import socket
from typing import NamedTuple

from tests.server_process import ServerProcess


class Answer(NamedTuple):
    """A response, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(server: ServerProcess, timeout: float = 20, address: str | None = None) -> socket.socket:
    """A connection to the server, from `address`."""
    source = None if address is None else (address, 0)
    return socket.create_connection((server.host, server.port), timeout, source)


def head(method: str, path: str, key: str | None = None, **headers: object) -> bytes:
    """A request's head. Underscores in header names stand for hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"X-API-KEY: {key}"] if key else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_answer(connection: socket.socket) -> Answer:
    """Reads one response. Raises ConnectionError where the server says nothing."""
    file = connection.makefile("rb")
    line = file.readline()
    if not line:
        raise ConnectionError("The server closed the connection without an answer.")
    status = int(line.split()[1])
    headers: dict[str, str] = {}
    while (line := file.readline().strip()) != b"":
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    return Answer(status, headers, file.read(length))


def exchange(server: ServerProcess, *pieces: bytes, end: bool = False) -> Answer:
    """Sends the pieces (and then ends its side, with `end`); returns the response."""
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return read_answer(connection)


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed, or closes within the connection's timeout."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
