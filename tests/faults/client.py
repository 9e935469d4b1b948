"""A client that writes, reads and forgets while things break, and accounts for every answer."""

import http.client
import random
import threading
import time
from typing import NamedTuple

from tests.faults.ledger import Ledger, Write
from tests.leaks.scan import CANARY
from tests.server_process import ServerProcess
from tests.soak.http import Connection, Said

IDS = 30
TTL = 3_000
THINKS_SECONDS = 0.03
# Bytes of padding, and how often: within one command, beyond the storage step's 64 KB, and in chunks.
SIZES, OFTEN = (0, 200, 5_000, 70_000, 1_200_000), (40, 40, 14, 5, 1)


class Failure(NamedTuple):
    """A request that failed: when it was told (seconds since the epoch), as what, and how long that took."""

    at: float
    kind: str
    seconds: float


class Client:
    """Of a user of `pool`. Its knowledge outlives a trial; figures do not."""

    def __init__(self, server: ServerProcess, key: str, pool: str, number: int) -> None:
        self._server, self._key = server, key
        self.pool = pool
        self._folder = f"{pool}-{number}/"
        self._random = random.Random(self._folder)
        self._ledgers: dict[str, Ledger] = {}
        self._turn = 0
        self.wrong: BaseException | None = None
        self.begin()

    def begin(self) -> None:
        """A new trial."""
        self._connection = Connection(self._server, self._key)
        self.requests = self.acknowledged = 0
        self.failures: list[Failure] = []
        self.lost: list[Write] = []

    def run(self, enough: threading.Event) -> None:
        """Works until it is enough."""
        verbs = [
            self.put,
            self.put,
            self.stash,
            self.update,
            self.forget,
            self.recall,
            self.recall,
            self.swap,
        ]
        try:
            while not enough.wait(THINKS_SECONDS):
                self._random.choice(verbs)()
        except BaseException as error:
            self.wrong = error
        finally:
            self._connection.http.close()

    def settle(self) -> None:
        """With all in order again: whatever was acknowledged is there, or counted as lost."""
        self._connection = Connection(self._server, self._key)
        for memory_id, ledger in self._ledgers.items():
            said = self._look(memory_id)
            assert said is not None, self.failures[-1]
            ledger.settled(text_in(said), said.ended)
        self._connection.http.close()

    # The verbs.

    def put(self) -> None:
        memory_id = self._any()
        self._write(memory_id, "PUT", f"/stash/{memory_id}", self._text(), {201: False, 200: True}, ttl=TTL)

    def update(self) -> None:
        memory_id = self._any()
        self._write(memory_id, "PATCH", f"/update/{memory_id}", self._text(), {200: True, 404: False})

    def forget(self) -> None:
        memory_id = self._any()
        self._write(memory_id, "DELETE", f"/forget/{memory_id}", None, {204: True, 404: False})

    def swap(self) -> None:
        """Reads, and replaces exactly what it read."""
        memory_id = self._any()
        seen = self._ask("GET", f"/recall/{memory_id}")
        if seen is None or seen.status == 404:
            return
        self._write(
            memory_id,
            "PUT",
            f"/stash/{memory_id}",
            self._text(),
            {200: True, 412: None},
            ttl=TTL,
            If_Match=seen.etag,
        )

    def stash(self) -> None:
        text = self._text()
        said = self._ask("POST", "/stash", b'{"data":%s,"ttl":%d}' % (text, TTL))
        if said is not None:
            assert said.status == 201, said
            self._acknowledge(said.document["memory_id"], text, said.ended)

    def recall(self) -> None:
        self._look(self._any())

    # What they have in common.

    def _write(
        self,
        memory_id: str,
        method: str,
        path: str,
        text: bytes | None,
        statuses: dict[int, bool | None],
        ttl: int | None = None,
        **headers: str,
    ) -> None:
        """`statuses`: those that are answers, each with whether it says that the memory was there."""
        ledger = self._ledgers.setdefault(memory_id, Ledger())
        life = b"" if ttl is None else b',"ttl":%d' % ttl
        body = None if text is None else b'{"data":%s%s}' % (text, life)
        said = self._ask(method, path, body, ledger, text, **headers)
        if said is None:
            return
        assert said.status in statuses, said
        alive = statuses[said.status]
        if alive is not None:
            self.lost += ledger.there(alive)
        if said.status in (200, 201, 204):
            self._acknowledge(memory_id, text, said.ended)

    def _look(self, memory_id: str) -> Said | None:
        said = self._ask("GET", f"/recall/{memory_id}")
        if said is not None:
            assert said.status in (200, 404), said
            self.lost += self._ledgers.setdefault(memory_id, Ledger()).found(text_in(said))
        return said

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        ledger: Ledger | None = None,
        text: bytes | None = None,
        **headers: str,
    ) -> Said | None:
        """The answer; None for a failure, which is noted, and in the ledger too where it may have been applied."""
        self.requests += 1
        began = time.time()
        try:
            said = self._connection.ask(method, path, body, **headers)
        except (http.client.HTTPException, OSError) as error:
            self._connection = Connection(self._server, self._key)
            self._fail(f"no answer ({type(error).__name__})", began)
            applied: object = "unknown"
        else:
            if said.status < 500:
                return said
            problem = said.document
            assert (said.status, problem["code"]) == (503, "store_unavailable"), said
            applied = problem["applied"]
            assert applied is not True, said
            self._fail("503", began)
        if ledger is not None and applied == "unknown":
            ledger.unanswered(text)
        return None

    def _fail(self, kind: str, began: float) -> None:
        self.failures.append(Failure(time.time(), kind, time.time() - began))

    def _acknowledge(self, memory_id: str, text: bytes | None, at: float) -> None:
        self.acknowledged += 1
        self._ledgers.setdefault(memory_id, Ledger()).acknowledged(text, at)

    def _any(self) -> str:
        return f"{self._folder}{self._random.randrange(IDS)}"

    def _text(self) -> bytes:
        """JSON text that nobody ever wrote before."""
        self._turn += 1
        pad = "x" * self._random.choices(SIZES, OFTEN)[0]
        return f'{{"by": "{self._folder}", "turn": {self._turn}, "is": "{CANARY}", "pad": "{pad}"}}'.encode()


def text_in(recalled: Said) -> bytes | None:
    """The data's text, as it came; None where there is none."""
    return recalled.body.partition(b'"data":')[2][:-1] if recalled.status == 200 else None
