"""What the tests ask of those who hold keys."""

import time
from collections.abc import Callable
from typing import Any

import httpx2

Holder = Callable[[str], httpx2.Client]


def minted(client: httpx2.Client, **fields: object) -> dict[str, Any]:
    """What POST /keys answers."""
    answer = client.post("/keys", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def names(client: httpx2.Client) -> list[str]:
    """Of the keys that the client's own may see."""
    return [key["name"] for key in client.get("/keys").json()["keys"]]


def is_refused(client: httpx2.Client) -> bool:
    """Whether its key is a bad one. 429 says so too, where the user has no rate limit: this address showed many."""
    answer = client.get("/whoami", headers={"Connection": "close"})
    assert answer.status_code in (200, 401, 429)
    return answer.status_code != 200


def refused_within_a_second(client: httpx2.Client, revoked_at: float) -> bool:
    """Whether every worker process refuses the key, a second after `revoked_at`."""
    time.sleep(max(0, revoked_at + 1 - time.monotonic()))
    return all(is_refused(client) for _ in range(6))
