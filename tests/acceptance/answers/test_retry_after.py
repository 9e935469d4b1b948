"""Retry-After tells the truth: the wait that it names is enough, and a shorter one is not."""

import time

import httpx2

from tests.server_process import ServerProcess

# One token in three seconds, and room for one.
SLOW = """
from accounts.models import User
User.objects.filter(email="slow@example.com").update(requests_per_minute=20, burst=1)
"""


def test_the_wait_that_it_names_is_enough_and_a_second_less_is_not(server: ServerProcess) -> None:
    key = server.create_key("slow@example.com", "--tier", "enterprise")
    server.shell(SLOW)
    with server.client(key) as client:
        assert client.get("/recall/none").status_code == 404
        refused, told_at = client.get("/recall/none"), time.monotonic()
        assert refused.status_code == 429
        wait = int(refused.headers["Retry-After"])
        assert wait == 3
        assert refused.headers["RateLimit"] == f'"requests";r=0;t={wait}'
        batch = {"operations": [{"verb": "recall", "memory_id": "none"}] * 2}

        pause(told_at + wait - 1.5)
        early = client.get("/recall/none")
        # A machine that was busy for a second and a half has not asked early.
        if time.monotonic() < told_at + wait - 0.5:
            assert (early.status_code, early.headers["Retry-After"]) == (429, "2")
        pause(told_at + wait)

        done, late = client.post("/batch", json=batch).json()["results"]
        assert (done["status"], late["status"], late["retry_after"]) == (404, 429, 3)


def test_what_is_no_refusal_names_no_wait(alice: httpx2.Client) -> None:
    assert "Retry-After" not in alice.get("/recall/none").headers


def pause(until: float) -> None:
    """Sleeps until then."""
    time.sleep(max(0, until - time.monotonic()))
