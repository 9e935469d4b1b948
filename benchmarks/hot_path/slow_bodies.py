"""Half-sent bodies: what becomes of everybody else's requests beside them."""

import socket
import time
from contextlib import suppress

from benchmarks.hot_path.call import request
from benchmarks.hot_path.stash import Stash

CROWD = 64
PATIENCE_SECONDS = 15.0
HALF = b'{"data":"'


def beside_slow_bodies(contestant: Stash) -> str:
    """A sentence: how a recall fares beside 64 clients who sent half a body, and how these are answered."""
    [memory_id] = contestant.stashed(300, 1)
    crowd = [half_sent(contestant) for _ in range(CROWD)]
    time.sleep(0.2)  # for the server to take them all; nothing waits for it to pass
    waited, answer = recall(contestant, memory_id)
    said = f"a recall took {waited * 1000:.0f} ms" if answer else f"a recall had no answer in {waited:.0f} s"
    told = told_off(crowd)
    for client in crowd:
        client.close()
    return f"{contestant.name}, beside {CROWD} half-sent bodies: {said}; {told}."


def half_sent(contestant: Stash) -> socket.socket:
    """A client that declares 1,000 bytes, sends nine of them, and waits."""
    whole = request("POST", "/stash", contestant.port, contestant.key, HALF.ljust(1000, b"x"))
    client = socket.create_connection(("127.0.0.1", contestant.port), timeout=5)
    client.sendall(whole[: -1000 + len(HALF)])
    return client


def recall(contestant: Stash, memory_id: str) -> tuple[float, bytes]:
    """The seconds that a good request took, and what came; nothing, where patience ended first."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", contestant.port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(contestant.request("GET", f"/recall/{memory_id}"))
        answer = b""
        with suppress(TimeoutError):
            answer = client.recv(1000)
    return time.monotonic() - began, answer


def told_off(crowd: list[socket.socket]) -> str:
    """When the first of the slow clients hears of it, and what."""
    began = time.monotonic()
    crowd[0].settimeout(PATIENCE_SECONDS)
    try:
        answer = crowd[0].recv(1000)
    except TimeoutError:
        return f"they hold their places for {PATIENCE_SECONDS:.0f} s and longer"
    except OSError:
        answer = b""
    status = answer[9:12].decode() or "no answer"
    return f"they are cut off after {time.monotonic() - began:.0f} s with {status}"
