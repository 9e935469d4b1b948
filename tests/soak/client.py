"""A client that does everything, in any order, and believes no answer that it cannot account for."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.leaks.scan import CANARY
from tests.server_process import ServerProcess
from tests.soak.http import Connection, Said
from tests.soak.known import Known, State

MOST_KEPT = 40
# Bytes of padding, and how often: within one Redis command, beyond the storage step's 64 KB, and in chunks.
SIZES, OFTEN = (0, 200, 5_000, 70_000, 1_200_000), (40, 40, 15, 4, 1)
LIVES = (1, 2, 600, 600)


class Client(threading.Thread):
    """Works in a folder of its own until told to stop. `failure` is what it could not account for."""

    def __init__(
        self, server: ServerProcess, key: str, folder: str, others: str, stop: threading.Event
    ) -> None:
        super().__init__(name=folder)
        self.connection = Connection(server, key)
        self.folder, self.others, self.stop = folder, others, stop
        self.random = random.Random(folder)
        self.known: dict[str, Known] = {}
        self.gone: set[str] = set()
        self.done: Counter[str] = Counter()
        self.turn = 0
        self.longest = 0.0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.work()
            self.settle()
        except BaseException as error:
            self.failure = error
            self.stop.set()
        finally:
            self.connection.http.close()

    def work(self) -> None:
        """One thing or another."""
        verbs: list[Callable[[], None]] = [
            self.stash,
            self.put,
            self.create,
            self.replace,
            self.update,
            self.extend,
        ]
        verbs += [self.recall, self.recall, self.recall, self.recall_known, self.list, self.batch, self.miss]
        verbs += [self.forget, self.forget] if len(self.known) > MOST_KEPT else [self.forget]
        verb = self.random.choice([*verbs, *([self.forget_all] if self.random.random() < 0.02 else [])])
        verb()
        self.done[verb.__name__] += 1

    def ask(self, method: str, path: str, *allowed: int, body: bytes | None = None, **headers: str) -> Said:
        said = self.connection.ask(method, path, body, **headers)
        self.longest = max(self.longest, said.ended - said.began)
        self.check(said.status in allowed, f"{method} {path} {headers}", said)
        return said

    def check(self, holds: bool, what: str, said: Said) -> None:
        assert holds, (
            f"{self.name}: {what}: {said.status} {said.etag} {said.body[:300]!r}; knew {self.known.keys()}"
        )

    def text(self) -> bytes:
        """JSON text that nobody ever wrote before."""
        self.turn += 1
        pad = "x" * self.random.choices(SIZES, OFTEN)[0]
        return f'{{"by": "{self.folder}", "turn": {self.turn}, "is": "{CANARY}", "pad": "{pad}"}}'.encode()

    def new_id(self) -> str:
        return f"{self.folder}{self.random.randrange(200)}"

    def any_known(self) -> tuple[str, Known] | None:
        return self.random.choice(list(self.known.items())) if self.known else None

    def keep(self, memory_id: str, text: bytes, ttl: int, said: Said) -> None:
        self.check(said.document["ttl"] == ttl, "ttl", said)
        self.wrote(memory_id, Known(text, said.etag, said.began + ttl, said.ended + ttl))

    def wrote(self, memory_id: str, known: Known) -> None:
        """It is there anew, and may expire: it is none that was forgotten and left nothing."""
        self.known[memory_id] = known
        self.gone.discard(memory_id)

    def stash(self) -> None:
        text, ttl = self.text(), self.random.choice(LIVES)
        said = self.ask("POST", "/stash", 201, body=b'{"data":%s,"ttl":%d}' % (text, ttl))
        memory_id = said.document["memory_id"]
        self.check(memory_id not in self.known, "an id twice", said)
        self.keep(memory_id, text, ttl, said)

    def write(self, memory_id: str, expect: dict[State, set[int]], **headers: str) -> None:
        """A put, whose status depends on whether the memory was alive."""
        text, ttl = self.text(), self.random.choice(LIVES)
        body = b'{"data":%s,"ttl":%d}' % (text, ttl)
        said = self.ask("PUT", f"/stash/{memory_id}", 200, 201, 412, body=body, **headers)
        known = self.known.get(memory_id)
        state = State.DEAD if known is None else known.state(said.began, said.ended)
        right = expect[State.ALIVE] | expect[State.DEAD] if state is State.DYING else expect[state]
        self.check(said.status in right, f"put {memory_id} {headers}, which is {state}", said)
        if said.status != 412:
            self.keep(memory_id, text, ttl, said)

    def put(self) -> None:
        self.write(self.new_id(), {State.ALIVE: {200}, State.DEAD: {201}})

    def create(self) -> None:
        self.write(self.new_id(), {State.ALIVE: {412}, State.DEAD: {201}}, If_None_Match="*")

    def replace(self) -> None:
        """With the version that it knows, or with one that was."""
        found = self.any_known()
        if found is not None:
            stale = self.random.random() < 0.5
            etag = '"0123456789abcdef"' if stale else found[1].etag
            alive = {412} if stale else {200}
            self.write(found[0], {State.ALIVE: alive, State.DEAD: {412}}, If_Match=etag)

    def found(self, memory_id: str, known: Known, said: Said) -> bool:
        """Whether the memory was found; that it was or was not, is as it should be."""
        state = known.state(said.began, said.ended)
        missed = said.status in (404, 410)
        self.check(state is not (State.ALIVE if missed else State.DEAD), f"{memory_id} is {state}", said)
        if missed:
            self.known.pop(memory_id, None)
        return not missed

    def update(self) -> None:
        found = self.any_known()
        if found is None:
            return
        memory_id, known = found
        text = self.text()
        said = self.ask(
            "PATCH", f"/update/{memory_id}", 200, 404, 410, body=b'{"data":%s}' % text, If_Match=known.etag
        )
        if self.found(memory_id, known, said):
            self.known[memory_id] = known._replace(text=text, etag=said.etag)

    def extend(self) -> None:
        found = self.any_known()
        if found is None:
            return
        memory_id, known = found
        said = self.ask("PATCH", f"/update/{memory_id}", 200, 404, 410, body=b'{"extra_seconds":2}')
        if self.found(memory_id, known, said):
            self.check(said.etag == known.etag, "extending changed the version", said)
            self.known[memory_id] = known._replace(earliest=known.earliest + 2, latest=known.latest + 2)

    def recall(self) -> None:
        found = self.any_known()
        if found is not None:
            self.recall_one(*found)

    def recall_one(self, memory_id: str, known: Known) -> None:
        said = self.ask("GET", f"/recall/{memory_id}", 200, 404, 410)
        if self.found(memory_id, known, said):
            self.check(said.body.partition(b'"data":')[2] == known.text + b"}", "other data", said)
            self.check(said.etag == known.etag, "another version", said)
            left = said.document["ttl_remaining"]
            self.check(
                known.earliest - said.ended - 0.1 <= left <= known.latest - said.began + 1.1, "life", said
            )

    def recall_known(self) -> None:
        found = self.any_known()
        if found is not None:
            said = self.ask("GET", f"/recall/{found[0]}", 304, 404, 410, If_None_Match=found[1].etag)
            self.found(*found, said)

    def forget(self) -> None:
        found = self.any_known()
        if found is not None:
            said = self.ask("DELETE", f"/forget/{found[0]}", 204, 404, 410)
            if self.found(*found, said):
                self.known.pop(found[0])
                self.gone.add(found[0])

    def miss(self) -> None:
        """What was forgotten, what never was, and what is another user's."""
        self.ask("GET", f"/recall/{self.others}{self.random.randrange(200)}", 404)
        self.ask("GET", f"/recall/{self.folder}never", 404)
        for memory_id in list(self.gone)[:1]:
            self.ask("GET", f"/recall/{memory_id}", 404)

    def shown(self) -> None:
        """The listing of its folder has all that lives, and nothing that does not."""
        said = self.ask("GET", f"/stash?limit=1000&prefix={self.folder}", 200)
        memories: dict[str, Any] = {memory["memory_id"]: memory for memory in said.document["memories"]}
        for memory_id, known in self.known.items():
            if memory_id.startswith(self.folder):
                state = known.state(said.began, said.ended)
                self.check(
                    (memory_id in memories) or state is not State.ALIVE, f"{memory_id} not listed", said
                )
                self.check(
                    (memory_id not in memories) or state is not State.DEAD, f"{memory_id} listed", said
                )
        for memory_id, memory in memories.items():
            known = self.known.get(memory_id)
            self.check(known is not None, f"{memory_id} listed, and nobody's", said)
            assert known is not None
            self.check(memory["bytes"] == len(known.text), f"{memory_id}'s size", said)

    def list(self) -> None:
        self.shown()

    def batch(self) -> None:
        """Three puts and their recalls, in one request."""
        ids, texts = [self.new_id() for _ in range(3)], [self.text() for _ in range(3)]
        puts = [
            b'{"verb":"put","memory_id":"%s","data":%s,"ttl":600}' % (i.encode(), t)
            for i, t in zip(ids, texts, strict=True)
        ]
        recalls = [b'{"verb":"recall","memory_id":"%s"}' % i.encode() for i in ids]
        said = self.ask("POST", "/batch", 200, body=b'{"operations":[%s]}' % b",".join(puts + recalls))
        last = dict(zip(ids, texts, strict=True))
        results = said.document["results"]
        for memory_id, result in zip(ids, results[:3], strict=True):
            self.check(result["status"] in (200, 201), f"batched put {memory_id}", said)
            self.wrote(memory_id, Known(last[memory_id], result["etag"], said.began + 600, said.ended + 600))
        for memory_id, result in zip(ids, results[3:], strict=True):
            self.check(result["etag"] == self.known[memory_id].etag, f"batched recall {memory_id}", said)
            self.check(b'"data":' + last[memory_id] in said.body, f"batched data {memory_id}", said)

    def forget_all(self) -> None:
        said = self.ask("DELETE", f"/stash?prefix={self.folder}", 200)
        inside = {name: known for name, known in self.known.items() if name.startswith(self.folder)}
        states = [known.state(said.began, said.ended) for known in inside.values()]
        least = states.count(State.ALIVE)
        self.check(least <= said.document["forgotten"] <= least + states.count(State.DYING), "how many", said)
        for memory_id in inside:
            del self.known[memory_id]

    def settle(self) -> None:
        """At the end: whatever was acknowledged is there, and nothing else."""
        for memory_id, known in list(self.known.items()):
            self.recall_one(memory_id, known)
        self.shown()
