"""How far a replica is behind its primary, in seconds."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator

import redis

from tests.servers.redis_server import RedisServer

EVERY_SECONDS = 0.005


class Replication:
    """Samples how much the primary had written, and when; so what the replica has can be dated."""

    def __init__(self, primary: RedisServer, replica: RedisServer) -> None:
        self._primary, self._replica = primary, replica
        self._samples: deque[tuple[float, int]] = deque(maxlen=2_000)
        self._enough = threading.Event()

    @contextlib.contextmanager
    def watched(self) -> Iterator["Replication"]:
        """Inside, samples are taken."""
        thread = threading.Thread(target=self._sample, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._enough.set()
            thread.join()

    def behind(self, at: float) -> float:
        """Seconds before `at` (since the epoch), up to which the replica has all that was written, by its own word.

        A primary that has been killed says nothing more: what it wrote after the last sample counts as not received.
        """
        with self._replica.client() as client:
            info = client.info("replication")
        offset = info["slave_repl_offset"] if info["role"] == "slave" else info["second_repl_offset"]
        return at - max(when for when, written in self._samples if written <= offset)

    def _sample(self) -> None:
        with self._primary.client() as client, contextlib.suppress(redis.RedisError):
            while not self._enough.wait(EVERY_SECONDS):
                before = time.time()
                written = client.info("replication")["master_repl_offset"]
                self._samples.append((before, written))
