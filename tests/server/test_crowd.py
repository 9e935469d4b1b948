"""Eighty clients that stall and trickle keep no one else waiting."""

import select
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

from tests.server.client import Client, head, seconds_since
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

EACH = 20
# More than the kernel's buffers hold, and little enough that making twenty of them is no work.
BIG = 8_000_000


@contextmanager
def crowd(port: int) -> Iterator[list[Client]]:
    """20 half heads, 20 half bodies, 20 who send a byte now and then, 20 who read one."""
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(port, buffer=4096)) for _ in range(4 * EACH)]
        for number, client in enumerate(clients):
            (
                lambda client: client.send(b"GET /hello HTTP/1.1\r\nHo"),
                lambda client: client.send(head("POST", "/echo", Content_Length=1000) + b"{"),
                lambda client: client.send(head("POST", "/echo", Content_Length=100_000)),
                lambda client: client.request("GET", f"/big?{BIG}"),
            )[number // EACH](client)
        yield clients


def test_stalled_clients_hold_no_slot_and_are_cut_off_in_time(server: GunicornProcess) -> None:
    stop = threading.Event()
    waits: list[float] = []

    def others() -> None:
        while not stop.is_set():
            start = time.monotonic()
            with Client(server.port) as client:
                assert client.ask("GET", "/hello").body == b"hello"
                assert client.ask("POST", "/echo", b"x" * 100_000).status == 200
            waits.append(seconds_since(start))
            time.sleep(0.02)

    with ThreadPoolExecutor(1) as pool, crowd(server.port) as clients:
        start = time.monotonic()
        running = pool.submit(others)
        gone = watch(clients, until=start + LIMITS.grace + 12)
        stop.set()
        running.result()
    assert len(gone) == 4 * EACH, f"{4 * EACH - len(gone)} of the crowd are still connected"
    assert len(waits) > 3
    # Their clients and ours share the cores: tests/acceptance/test_slow_clients.py holds the 2 s.
    assert max(waits) < 5


def watch(clients: list[Client], until: float) -> set[Client]:
    """Trickles along for the crowd; returns those whom the server has cut off by then."""
    senders, readers = clients[2 * EACH : 3 * EACH], clients[3 * EACH :]
    left = {client.sock.fileno(): client for client in clients}
    poll = select.poll()
    for client in clients:
        # An answer (408) or the end; of readers, a reset alone.
        poll.register(client.sock, 0 if client in readers else select.POLLIN)
    while left and time.monotonic() < until:
        for descriptor, _ in poll.poll(50):
            poll.unregister(descriptor)
            del left[descriptor]
        for client in left.values():
            with suppress(ConnectionError):
                if client in senders:
                    client.send(b"x")
                elif client in readers:
                    client.sock.recv(1)
    return set(clients) - set(left.values())


def test_no_more_requests_compute_at_once_than_there_are_slots(server: GunicornProcess) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(server.port)) for _ in range(16)]
        for client in clients:
            client.request("GET", "/sleep?0.1")
        assert [client.answer().status for client in clients] == [200] * 16
        # The slots of threads that wait for their clients were lent, and all came back.
        assert clients[0].ask("GET", "/census").json["peak"] == 4
