"""One of many clients of one user: it keeps, reads, changes and forgets, and knows what each answer must be."""

import json
import random
import threading
from collections.abc import Sequence
from itertools import count

import httpx2

from tests.leaks.scan import CANARY

LONG = 3_000
LARGE = "x" * 1_200_000


class Shared:
    """What all agents work on: ids that only one may create at a time, and a counter."""

    def __init__(self) -> None:
        self.held = {f"lock/{n}": threading.Lock() for n in range(5)}
        self.added = 0
        self.lock = threading.Lock()

    def add(self) -> None:
        with self.lock:
            self.added += 1


class Agent:
    """Memories of its own, by id, as they must be; `wrong` is what was not so."""

    def __init__(self, number: int, client: httpx2.Client, shared: Shared) -> None:
        self.number = number
        self.client = client
        self.shared = shared
        self.chance = random.Random(number)
        self.kept: dict[str, object] = {}
        self.gone: list[str] = []
        self.wrong: list[str] = []
        self.done = 0

    def work(self, enough: threading.Event) -> None:
        """One step after another until it is enough."""
        steps = [self.put, self.stash, self.read, self.read, self.change, self.forget, self.miss, self.take]
        for number in count():
            if enough.is_set() or self.wrong:
                return
            if number % 10 == 0:
                self.increment()
            else:
                self.chance.choice(steps)()
            self.done += 1
            # A pause, so that 64 of them leave room for the tests beside them.
            enough.wait(self.chance.random() / 5)

    def ask(self, method: str, path: str, wanted: Sequence[int], **options: object) -> httpx2.Response:
        """The answer; one with another status is wrong."""
        answer = self.client.request(method, path, **options)  # type: ignore[arg-type]
        if answer.status_code not in wanted:
            self.wrong.append(f"{method} {path}: {answer.status_code} and not {wanted}: {answer.text[:300]}")
        return answer

    def data(self) -> object:
        """Something new; one in 64 agents keeps large values."""
        if self.number % 64 == 0 and self.chance.random() < 0.2:
            return LARGE
        return {"by": self.number, "n": self.chance.random(), "is": CANARY}

    def put(self) -> None:
        name, data = f"own/{self.number}/{self.chance.randrange(40)}", self.data()
        self.ask(
            "PUT", f"/stash/{name}", [200 if name in self.kept else 201], json={"data": data, "ttl": LONG}
        )
        self.kept[name] = data

    def stash(self) -> None:
        data = self.data()
        answer = self.ask("POST", "/stash", [201], json={"data": data, "ttl": LONG})
        self.kept[answer.json()["memory_id"]] = data

    def read(self) -> None:
        if self.kept:
            self.check(self.chance.choice([*self.kept]))

    def check(self, name: str) -> None:
        """It is as it was left."""
        answer = self.ask("GET", f"/recall/{name}", [200])
        if not self.wrong and answer.json()["data"] != self.kept[name]:
            self.wrong.append(
                f"{name} is {answer.text[:200]}, and must be {json.dumps(self.kept[name])[:200]}"
            )

    def change(self) -> None:
        if self.kept:
            name, data = self.chance.choice([*self.kept]), self.data()
            self.ask("PATCH", f"/update/{name}", [200], json={"data": data, "extra_seconds": 1})
            self.kept[name] = data

    def forget(self) -> None:
        if self.kept:
            name = self.chance.choice([*self.kept])
            self.ask("DELETE", f"/forget/{name}", [204])
            del self.kept[name]
            self.gone.append(name)

    def miss(self) -> None:
        gone = [name for name in self.gone[-5:] if name not in self.kept]
        for name in gone[:1]:
            self.ask("GET", f"/recall/{name}", [404])

    def take(self) -> None:
        """Creates an id as one takes a lock: nobody else may succeed before it is forgotten."""
        name = self.chance.choice([*self.shared.held])
        only = {"If-None-Match": "*"}
        answer = self.ask("PUT", f"/stash/{name}", [201, 412], json={"data": self.number}, headers=only)
        if answer.status_code == 201:
            if not self.shared.held[name].acquire(blocking=False):
                self.wrong.append(f"{name} was created by two")
                return
            seen = self.ask("GET", f"/recall/{name}", [200])
            if not self.wrong and seen.json()["data"] != self.number:
                self.wrong.append(f"{name} is another's: {seen.text}")
            self.shared.held[name].release()
            self.ask("DELETE", f"/forget/{name}", [204], headers={"If-Match": answer.headers["ETag"]})

    def increment(self) -> None:
        """Adds one to the counter, unless another was faster."""
        seen = self.ask("GET", "/recall/counter", [200])
        if self.wrong:
            return
        answer = self.ask(
            "PUT",
            "/stash/counter",
            [200, 412],
            json={"data": seen.json()["data"] + 1, "ttl": LONG},
            headers={"If-Match": seen.headers["ETag"]},
        )
        if answer.status_code == 200:
            self.shared.add()
