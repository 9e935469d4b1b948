"""More large bodies under way than the server has threads: small requests of others are answered meanwhile."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stash_memory.backends.sqlite.links import WAIT_S
from stash_site import gunicorn
from tests.raw_http import Answer, connect, head, read_answer
from tests.server_process import ServerProcess

UPLOADS = 2 * gunicorn.threads
LARGE = b'{"data":"' + b"x" * (3 << 20) + b'"}'

# What waits for a thread that computes on a large body waits for as long as the store does for the lock: 5 s.
PROMPT_SECONDS = WAIT_S / 2


@contextmanager
def writers_held(path: Path) -> Iterator[None]:
    """Nobody can write to the store: what computes on a large body stays at it, and recalls go on."""
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("BEGIN IMMEDIATE")
    yield
    db.execute("ROLLBACK")
    db.close()


class Upload(threading.Thread):
    """Sends a large body, and notes what comes of it."""

    def __init__(self, server: ServerProcess) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.answer: Answer | None = None

    def run(self) -> None:
        with connect(self._server, timeout=60) as connection:
            connection.sendall(head("POST", "/stash", self._server.key, Content_Length=len(LARGE)) + LARGE)
            self.answer = read_answer(connection)


def test_small_requests_are_answered_while_large_bodies_are_computed_on(
    own_server: Callable[..., ServerProcess],
) -> None:
    server = own_server(STASH_MAX_PAYLOAD_BYTES=str(len(LARGE)))
    waits = []
    with server.client() as local:
        memory_id = local.post("/stash", json={"data": "small"}).json()["memory_id"]
        uploads = [Upload(server) for _ in range(UPLOADS)]
        with writers_held(server.home / "memories.db"):
            for upload in uploads:
                upload.start()
            until = time.monotonic() + WAIT_S + 1
            while time.monotonic() < until:
                began = time.monotonic()
                assert local.get(f"/recall/{memory_id}").json()["data"] == "small"
                waits.append(time.monotonic() - began)
    for upload in uploads:
        upload.join(60)
    assert max(waits) < PROMPT_SECONDS
    answers = [upload.answer for upload in uploads if upload.answer]
    assert len(answers) == UPLOADS
    assert {answer.status for answer in answers} == {201, 503}, (
        "some were held, and the others had their turn"
    )
    assert all("retry-after" in answer.headers for answer in answers if answer.status == 503)
