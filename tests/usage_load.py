"""A mixed load of known outcome, and what the server's usage says of it afterwards."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx2

from tests.server_process import ServerProcess

# Who is who: subject by subject, what was asked for. "" is the service.
Tally = dict[str, Counter[str]]
READ = """
import json
from django.db.models import Sum
from accounts.models import UsageHour, UsageMinute
from accounts.usage.columns import COLUMNS, FIRST_BUCKET
def sums(table):
    rows = table.objects.values_list("subject").annotate(*[Sum(column) for column in COLUMNS])
    return {subject: dict(zip(COLUMNS, sums)) | {"timed": sum(sums[FIRST_BUCKET:])} for subject, *sums in rows}
print(json.dumps([sums(UsageMinute), sums(UsageHour)]))
"""
KEYS = """
import json
from accounts.models import ApiKey
print(json.dumps({key.visible_part: [key.public_id, key.user.public_id] for key in ApiKey.objects.all()}))
"""


def usage(server: ServerProcess) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sums of all minutes, and of all hours, by subject; `timed` are those in the histogram."""
    minutes, hours = json.loads(server.shell(READ))
    return minutes, hours


def requests(server: ServerProcess) -> int:
    """The service's, as far as they are written."""
    number: int = usage(server)[1].get("", {"requests": 0})["requests"]
    return number


class Load:
    """Sends requests with these keys, and keeps count of what each was answered."""

    def __init__(self, server: ServerProcess, keys: list[str], seed: int = 1) -> None:
        self.server = server
        self.keys = keys
        self.seed = seed
        known = json.loads(server.shell(KEYS))
        self.subjects = {key: known[key[: len("sk_live_") + 4]] for key in keys}
        self.tally: Tally = {}
        # Each thread's ids, by key: what an earlier run kept for a second has expired in a later one.
        self.kept: dict[int, dict[str, list[str]]] = {}

    def run(self, total: int, threads: int = 8) -> Tally:
        """So many requests; returns what all runs came to."""
        shares = [total // threads + (number < total % threads) for number in range(threads)]
        parts: list[Tally] = [{} for _ in shares]
        crowd = [
            Thread(
                target=self.send,
                args=(
                    share,
                    random.Random(f"{self.seed} {number}"),
                    parts[number],
                    self.kept.setdefault(number, {}),
                ),
            )
            for number, share in enumerate(shares)
        ]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        for part in parts:
            for subject, counts in part.items():
                self.tally.setdefault(subject, Counter()).update(counts)
        self.seed += 1
        return self.tally

    def send(self, total: int, dice: random.Random, tally: Tally, kept: dict[str, list[str]]) -> None:
        """One thread's share, on the ids that it has kept since earlier runs too. A tenth has no valid key."""
        with httpx2.Client(base_url=self.server.url, timeout=60) as client:
            for _ in range(total):
                key = dice.choice([*self.keys, *self.keys, *self.keys, "sk_live_nobody"])
                ids = kept.setdefault(key, [])
                step = dice.choice(
                    [stash, stash, stash_briefly, recall, recall, recall_nothing, update, forget, bad]
                )
                counted = step(client, {"X-API-KEY": key}, ids, dice)
                counted["requests"] = counted["timed"] = 1
                if key not in self.subjects:
                    # Without a valid key only the status is the service's.
                    counted = Counter(
                        {name: n for name, n in counted.items() if not name.startswith("bytes")}
                    )
                for subject in ("", *self.subjects.get(key, ())):
                    tally.setdefault(subject, Counter()).update(counted)


Step = Callable[[httpx2.Client, dict[str, str], list[str], random.Random], Counter[str]]


def answered(answer: httpx2.Response, **outcomes: int) -> Counter[str]:
    """The outcome where it succeeded, and the kind of status where not."""
    status = answer.status_code
    assert status != 500, answer.text
    if status < 400:
        return Counter(outcomes)
    kind = "status_429" if status == 429 else "status_4xx" if status < 500 else "status_5xx"
    return Counter({kind: 1})


def stash(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    size = dice.randrange(5_000)
    answer = client.post("/stash", headers=headers, json={"data": "x" * size, "ttl": 600})
    if answer.status_code == 201:
        ids.append(answer.json()["memory_id"])
    return answered(answer, stashes=1, bytes_in=size + 2)


def stash_briefly(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    answer = client.post("/stash", headers=headers, json={"data": 1, "ttl": 1})
    if answer.status_code == 201:
        ids.append(answer.json()["memory_id"])
    return answered(answer, stashes=1, bytes_in=1)


def recall(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    return recalled(client.get(f"/recall/{dice.choice(ids or ['nothing'])}", headers=headers))


def recall_nothing(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    return recalled(client.get("/recall/nothing", headers=headers))


def recalled(answer: httpx2.Response) -> Counter[str]:
    if answer.status_code == 200:
        return Counter(recalls_found=1, bytes_out=len(answer.content.partition(b'"data":')[2]) - 1)
    counted = answered(answer)
    counted["recalls_expired"] += answer.status_code == 410
    counted["recalls_missing"] += answer.status_code == 404
    return counted


def update(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    answer = client.patch(
        f"/update/{dice.choice(ids or ['nothing'])}", headers=headers, json={"data": [1, 2]}
    )
    return answered(answer, updates=1, bytes_in=len("[1,2]"))


def forget(
    client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random
) -> Counter[str]:
    answer = client.delete(f"/forget/{dice.choice(ids or ['nothing'])}", headers=headers)
    return answered(answer, forgets=1)


def bad(client: httpx2.Client, headers: dict[str, str], ids: list[str], dice: random.Random) -> Counter[str]:
    return answered(client.post("/stash", headers=headers, json={"data": 1, "ttl": 0}))


def assert_adds_up(server: ServerProcess, tally: Tally) -> None:
    """The usage is what was sent, to the request, for the service and each user and key, by minute and by hour."""
    for sums in usage(server):
        assert sums.keys() == tally.keys()
        for subject, row in sums.items():
            sent = tally[subject]
            wrong = {
                name: (number, sent[name])
                for name, number in row.items()
                if number != sent[name] and not name.endswith("_ms")
            }
            assert not wrong, f"{subject or 'the service'}, counted and sent: {wrong}"


def wait_for_requests(server: ServerProcess, total: int, seconds: float) -> None:
    """Until the service's usage is what was sent."""
    deadline = time.monotonic() + seconds
    while (number := requests(server)) < total:
        assert time.monotonic() < deadline, f"{number} of {total}"
        time.sleep(0.1)
    assert number == total
