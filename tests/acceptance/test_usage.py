"""Usage adds up, however the server ends."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.acceptance.test_hosted_server import COMPLETE
from tests.raw_http import connect, head, read_answer
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.postgres_server import PostgresServer
from tests.servers.process import wait_until
from tests.usage_load import Load, assert_adds_up, requests, usage, wait_for_requests

REQUESTS = 1_000


def hosted() -> dict[str, str]:
    """The settings of a hosted server on PostgreSQL and Redis."""
    return COMPLETE | {
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": shared.redis_server().url,
    }


def loaded(server: ServerProcess) -> Load:
    """Two users without a rate limit, one of them with two keys, and one who is soon over it."""
    tiers = ("enterprise", "enterprise", "free", "enterprise")
    users = ("alice", "bob", "carol", "alice")
    return Load(
        server,
        [
            server.create_key(f"{user}@example.com", "--tier", tier)
            for user, tier in zip(users, tiers, strict=True)
        ],
    )


@pytest.mark.parametrize("mode", ["local", "hosted"])
def test_two_workers_count_to_the_request_and_sigterm_loses_none(
    own_server: Callable[..., ServerProcess], mode: str
) -> None:
    settings = hosted() if mode == "hosted" else {}
    server = own_server("--workers", "2", **settings)
    load = loaded(server)

    load.run(REQUESTS // 2)
    # What was kept for a second expires, so that some recalls come too late.
    time.sleep(1.1)
    tally = load.run(REQUESTS // 2)
    assert server.stop() == 0

    assert_adds_up(server, tally)
    service = tally[""]
    assert service["requests"] == REQUESTS
    # It would prove little if one of them had not come up.
    assert all(
        service[name] for name in ("recalls_found", "recalls_expired", "recalls_missing", "status_429")
    )


def test_a_request_under_way_at_sigterm_is_counted(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=11) + b'{"data"')
        time.sleep(0.3)
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(b": 1}")
        assert read_answer(connection).status == 201
    assert server.stop() == 0

    assert requests(server) == 1


def test_a_request_that_never_ends_does_not_cost_the_others_their_counts(
    own_server: Callable[..., ServerProcess],
) -> None:
    """A worker gives up before its master kills it."""
    server = own_server(GUNICORN_CMD_ARGS="--graceful-timeout 3")
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=11) + b'{"data"')
        with server.client() as local:
            for _ in range(20):
                local.get("/recall/x")
        server.stop()

    assert requests(server) == 20


def test_ctrl_c_loses_none(own_server: Callable[..., ServerProcess]) -> None:
    """The terminal tells every process of the group; the master then tells its workers once more."""
    server = own_server("--workers", "2")
    with server.client() as local:
        for _ in range(50):
            local.get("/recall/x")
    assert server.process is not None
    os.killpg(server.process.pid, signal.SIGINT)
    server.process.wait(timeout=40)

    assert requests(server) == 50


def test_a_killed_server_loses_only_the_last_ten_seconds(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server("--workers", "2")
    with server.client() as local:
        for _ in range(50):
            local.get("/recall/x")
        wait_for_requests(server, 50, seconds=10)
        for _ in range(20):
            local.get("/recall/x")
    server.kill()

    assert 50 <= requests(server) <= 70


def test_last_used_reaches_the_database(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    with server.client() as local:
        local.get("/recall/x")
    server.stop()

    code = "from accounts.models import ApiKey; print(ApiKey.objects.get().last_used_at)"
    assert server.shell(code) != "None"


def test_no_count_is_lost_or_doubled_while_the_database_is_away(
    own_server: Callable[..., ServerProcess],
) -> None:
    postgres = PostgresServer()
    server = own_server("--workers", "2", **hosted() | {"DATABASE_URL": postgres.create_database()})
    load = loaded(server)
    load.run(200)
    postgres.stop()
    tally = load.run(200)
    while not tally[""]["status_5xx"]:
        # For a second the keys are known without the database.
        tally = load.run(100)
    wait_until(lambda: '"event":"usage_kept_back"' in server.out, seconds=20)
    postgres.restart()
    sent = tally[""]["requests"]
    wait_for_requests(server, sent, seconds=30)
    server.stop()

    assert requests(server) == sent
    postgres.stop()


def test_usage_can_be_switched_off(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server(STASH_USAGE="off")
    with server.client() as local:
        local.get("/recall/x")
    server.stop()

    assert requests(server) == 0


def test_a_batch_is_one_request_and_each_of_its_operations_counts(
    own_server: Callable[..., ServerProcess],
) -> None:
    server = own_server()
    operations = [
        {"verb": "stash", "data": "1234"},
        {"verb": "put", "memory_id": "plan", "data": 12},
        {"verb": "put", "memory_id": "plan", "data": 1, "if_none_match": "*"},
        {"verb": "recall", "memory_id": "plan"},
        {"verb": "recall", "memory_id": "none"},
        {"verb": "update", "memory_id": "plan", "data": 123},
        {"verb": "update", "memory_id": "plan", "extra_seconds": 1},
        {"verb": "forget", "memory_id": "plan"},
        {"verb": "forget", "memory_id": "plan"},
        {"verb": "nonsense"},
    ]
    with server.client() as client:
        assert client.post("/batch", json={"operations": operations}).status_code == 200
    assert server.stop() == 0

    service = usage(server)[1][""]
    assert {name: number for name, number in service.items() if number and "_ms" not in name} == {
        "requests": 1,
        "timed": 1,
        "stashes": 2,
        "updates": 2,
        "forgets": 1,
        "recalls_found": 1,
        "recalls_missing": 1,
        "bytes_in": 6 + 2 + 3,
        "bytes_out": 2,
    }
