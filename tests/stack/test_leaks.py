"""After hostile use of the whole service: no key and no data where none belongs."""

from collections.abc import Iterator

import httpx2
import pytest
import redis

from accounts.key_secret import new_secret
from tests.leaks.attempts import attempts
from tests.leaks.scan import CANARY, found
from tests.raw_http import connect
from tests.servers.process import wait_until
from tests.stack.stack import Stack

pytestmark = pytest.mark.engines

TIERS = ("free", "pro", "enterprise")


@pytest.fixture(scope="module")
def keys(stack: Stack) -> list[str]:
    """A key of a user on each tier, who keeps data; then one that was put everywhere, and one that never was valid."""
    server = stack.server
    owners = [server.create_key(f"owner.{tier}@leaks.example", "--tier", tier) for tier in TIERS]
    for key in owners:
        with server.client(key) as owner:
            assert owner.put("/stash/plan", json={"data": CANARY}).status_code == 201
            assert owner.get("/recall/plan").json()["data"] == CANARY
            assert owner.post("/keys", json={"name": "child"}).status_code == 201
    careless = [server.create_key("careless@leaks.example", "--tier", "enterprise"), new_secret()]
    for key in careless:
        for request in attempts(key):
            with connect(server) as connection:
                connection.sendall(request)
                assert connection.recv(12).startswith(b"HTTP/1.1 "), request
    # What was counted of all this reaches the database, and with it the dashboard and the metrics.
    wait_until(lambda: b"careless@" in b"".join(tables(stack)) and uses(stack) == len(owners) + 1, seconds=20)
    return [*owners, *careless]


def tables(stack: Stack) -> Iterator[bytes]:
    """All rows of all tables, the audit log among them."""
    with stack.postgres.connect(stack.server.settings["DATABASE_URL"]) as db:
        names = [
            str(name) for (name,) in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        assert {"accounts_apikey", "accounts_auditentry", "accounts_usageminute"} <= set(names)
        for name in names:
            with db.cursor().copy(f'COPY "{name}" TO STDOUT'.encode()) as rows:
                yield from (bytes(row) for row in rows)


def uses(stack: Stack) -> int:
    """How many of these users' keys are known to have been used."""
    query = (
        "SELECT count(*) FROM accounts_apikey AS key JOIN accounts_user AS owner ON owner.id = key.user_id"
        " WHERE owner.email LIKE '%@leaks.example' AND key.last_used_at IS NOT NULL"
    )
    with stack.postgres.connect(stack.server.settings["DATABASE_URL"]) as db:
        row = db.execute(query.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


def contents(client: "redis.Redis") -> Iterator[bytes]:
    """Each key of a Redis, and what it holds."""
    reads = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"zset": lambda name: client.zrange(name, 0, -1, withscores=True),
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
    }
    for name in client.scan_iter(count=1000):
        yield repr((name, reads[client.type(name)](name))).encode()


def test_the_database_has_neither_keys_nor_data(stack: Stack, keys: list[str]) -> None:
    whole = b"\n".join(tables(stack))

    assert b"owner.pro@leaks.example" in whole
    assert found(whole, keys) == []


def test_no_redis_has_a_key_and_that_of_the_cache_has_no_data(stack: Stack, keys: list[str]) -> None:
    # The careless put their key where an id belongs: that is what they keep, and theirs alone.
    used = keys[: len(TIERS)]
    pools = (stack.free, stack.pro, stack.enterprise.primary)
    for pool in pools:
        with pool.client() as client:
            whole = b"\n".join(contents(client))
        assert CANARY.encode() in whole
        assert [key for key in used if key.encode() in whole] == []
    with stack.broker.client() as client:
        assert found(b"\n".join(contents(client)), keys) == []


def test_metrics_tell_of_neither(stack: Stack, keys: list[str]) -> None:
    answer = httpx2.get(
        f"{stack.server.url}/metrics", headers={"Authorization": f"Bearer {stack.METRICS_TOKEN}"}
    )

    assert answer.status_code == 200
    assert "stash_" in answer.text
    assert found(answer.content, keys) == []


def test_nor_does_anything_that_any_process_wrote(stack: Stack, keys: list[str]) -> None:
    server = stack.server
    assert '"event":"stash_created"' in server.out
    for text in (server.out, server.err, stack.postgres.log):
        assert found(text.encode(), keys) == []
