"""The demo's live traffic: real requests to the real server, some of every kind, until it is told to stop."""

import json
import random
from collections import deque
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from demo.history import day
from demo.tenants import Caller

# Of what a caller stashed it remembers the last ones, to recall them; some of them have expired by then.
REMEMBERED = 40
TTLS = (2, 600, 600, 3_600, 3_600, 86_400)
# A caller on the smallest tier loses patience at one turn in so many, and then asks so often, without a pause.
CALM, HASTE = 40, 30
# Fewer than the smallest tier's burst.
FIRST = 8
SECONDS = 10.0


class Trickle(Thread):
    """One caller. One on the smallest tier is in haste now and then, and is told 429."""

    def __init__(self, url: str, caller: Caller, stop: Event, seed: int) -> None:
        super().__init__(daemon=True, name=f"trickle-{caller.key_id}")
        self.address = urlsplit(url).netloc
        self.caller = caller
        self.stop = stop
        self.dice = random.Random(seed)
        self.ids: deque[str] = deque(maxlen=REMEMBERED)

    def begin(self) -> None:
        """Stashes what its tier takes at once."""
        for _ in range(FIRST):
            self.stash("")

    def run(self) -> None:
        """Until `stop`. A server that does not answer is asked again at the next turn."""
        haste = 0
        while not self.stop.is_set():
            try:
                self.act()
            except (OSError, HTTPException):
                haste = 0
            if haste:
                haste -= 1
            elif self.caller.tier == "free" and self.dice.randrange(CALM) == 0:
                haste = HASTE
            self.stop.wait(0.02 if haste else self.dice.expovariate(self.a_second))

    @property
    def a_second(self) -> float:
        """How many requests, at this time of the day."""
        return self.caller.a_minute / 60 * day(datetime.now(UTC))

    def act(self) -> None:
        """One request."""
        one = self.dice.choice([*self.ids, "nothing"])
        verb = self.dice.choices((self.stash, self.recall, self.update, self.forget), (35, 50, 9, 6))[0]
        verb(one)

    def stash(self, _: str) -> None:
        """Something new, of up to 4 KB."""
        thought = {"thought": "x" * self.dice.randrange(4_000)}
        answer = self.ask("POST", "/stash", {"data": thought, "ttl": self.dice.choice(TTLS)})
        if "memory_id" in answer:
            self.ids.append(answer["memory_id"])

    def recall(self, one: str) -> None:
        """Something that was, or never was."""
        self.ask("GET", f"/recall/{one}")

    def update(self, one: str) -> None:
        """Another value."""
        self.ask("PATCH", f"/update/{one}", {"data": {"thought": "anew"}})

    def forget(self, one: str) -> None:
        """It may be asked for again."""
        self.ask("DELETE", f"/forget/{one}")

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer's object, and an empty one where there is none."""
        connection = HTTPConnection(self.address, timeout=SECONDS)
        try:
            headers = {"X-API-KEY": self.caller.secret, "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            text = connection.getresponse().read()
        finally:
            connection.close()
        return dict(json.loads(text)) if text else {}
