"""Eighty clients that stall or trickle, all at once: others are answered meanwhile, and each is cut off in time."""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.raw_http import connect, head
from tests.server_process import ServerProcess

EACH = 20
# A head and an idle body have 10 s; a trickle of a byte a second is judged once its 10 s of grace are over.
CUT_OFF_SECONDS = 25
VALUE = b'{"data":"' + b"x" * 1_000_000 + b'"}'


class SlowClient(threading.Thread):
    """Opens a connection, is slow, and notes when the server had enough."""

    def __init__(self, server: ServerProcess, slowness: Callable[[socket.socket], None]) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.slowness = slowness
        self.lasted: float | None = None
        self.said = b""

    def run(self) -> None:
        began = time.monotonic()
        with socket.socket() as connection:
            # A small window, so that an answer cannot hide in the kernel's buffers.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect((self.server.host, self.server.port))
            try:
                self.slowness(connection)
                while data := connection.recv(4096):
                    self.said += data
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.lasted = time.monotonic() - began


def trickle(connection: socket.socket, data: bytes) -> None:
    """A byte a second, until the server closes."""
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("slow")).start()
    yield server
    server.stop()


def test_eighty_slow_clients_keep_nobody_waiting_and_are_cut_off(server: ServerProcess) -> None:
    with server.client() as local:
        memory_id = local.post("/stash", content=VALUE).json()["memory_id"]
    recall = head("GET", f"/recall/{memory_id}", server.key)
    stash = head("POST", "/stash", server.key, Content_Length=1000)

    def half_a_head(connection: socket.socket) -> None:
        connection.sendall(recall[:40])

    def half_a_body(connection: socket.socket) -> None:
        connection.sendall(stash + b'{"data": "')

    def a_byte_a_second_out(connection: socket.socket) -> None:
        trickle(connection, stash)

    def a_byte_a_second_in(connection: socket.socket) -> None:
        connection.sendall(recall)
        # What the kernel still holds can be read after a reset: the reset itself is what counts.
        broken = select.poll()
        broken.register(connection, 0)
        while not broken.poll(1000):
            connection.recv(1)
        raise ConnectionResetError

    kinds = (half_a_head, half_a_body, a_byte_a_second_out, a_byte_a_second_in)
    clients = [SlowClient(server, kind) for kind in kinds for _ in range(EACH)]
    for client in clients:
        client.start()

    began, waits = time.monotonic(), []
    while any(client.is_alive() for client in clients) and time.monotonic() < began + 2 * CUT_OFF_SECONDS:
        asked = time.monotonic()
        with server.client() as others:
            assert others.post("/stash", json={"data": 1}).status_code == 201
        waits.append(time.monotonic() - asked)
        time.sleep(0.1)

    assert max(waits) < 2
    assert all(client.lasted is not None for client in clients), "every slow client is cut off"
    assert max(client.lasted or 0 for client in clients) < CUT_OFF_SECONDS
    assert min(client.lasted or 0 for client in clients) > 9
    for client in clients[: 2 * EACH]:
        assert client.said.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"request_timeout"' in client.said


def test_a_body_that_is_slow_but_fair_is_taken(server: ServerProcess) -> None:
    """1 MB in 12 s: over a grace of 10 s, and five times the least rate."""
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=len(VALUE)))
        step = len(VALUE) // 24 + 1
        for start in range(0, len(VALUE), step):
            connection.sendall(VALUE[start : start + step])
            time.sleep(0.5)

        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
