"""GET /whoami: who the key acts for, and what it may do."""

import httpx2
import pytest
from django.test import Client

from accounts.models import ApiKey, User
from tests.server_process import ServerProcess


def test_it_tells_the_user_the_limits_the_key_and_the_usage(server: ServerProcess) -> None:
    key = server.create_key("whoami@example.com", "--tier", "pro", "--name", "laptop", "--prefix", "run-42/")
    with server.client(key) as client:
        client.post("/stash", json={"data": "x" * 98})
        client.post("/stash", json={"data": "x" * 198})
        answer = client.get("/whoami")

    me = answer.json()
    assert me.pop("user_id").startswith("usr_")
    assert me["key"].pop("id").startswith("key_")
    assert me == {
        "tier": "pro",
        "limits": {
            "payload_bytes": 52_428_800,
            "default_ttl": 86_400,
            "max_ttl": 86_400,
            "requests_per_minute": 300,
            "burst": 50,
            "max_memories": 100_000,
            "max_bytes": 10_737_418_240,
        },
        "key": {"name": "laptop", "read_only": False, "prefix": "run-42/", "expires_at": None},
        "usage": {"memories": 2, "bytes": 300},
    }
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert key not in answer.text


def test_what_is_unlimited_is_null(alice: httpx2.Client) -> None:
    limits = alice.get("/whoami").json()["limits"]

    assert {name for name, limit in limits.items() if limit is None} == {
        "requests_per_minute",
        "burst",
        "max_memories",
        "max_bytes",
    }


def test_a_read_only_key_that_expires_may_ask_too(alice: httpx2.Client, server: ServerProcess) -> None:
    key = alice.post("/keys", json={"read_only": True, "expires_in": 60}).json()
    with server.client(key["key"]) as reader:
        me = reader.get("/whoami").json()["key"]

    assert (me["read_only"], me["expires_at"]) == (True, key["expires_at"])


def test_without_a_key_it_tells_nothing(server: ServerProcess) -> None:
    with server.stranger() as nobody:
        assert nobody.get("/whoami").status_code == 401


@pytest.mark.django_db
def test_a_key_seen_within_a_second_costs_no_query(django_assert_num_queries) -> None:
    _, secret = ApiKey.issue(User.objects.create_user("whoami@example.com"))
    client = Client(headers={"X-API-KEY": secret})
    assert client.get("/whoami").status_code == 200

    with django_assert_num_queries(0):
        assert client.get("/whoami").status_code == 200
