"""Faults under load: parts of the hosted service are killed, frozen and restarted while 18 clients work.

Each prints who got which errors, for how long, and how many acknowledged writes were lost.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.acceptance.test_hosted_start import are_new, workers
from tests.faults.client import Client
from tests.faults.replication import Replication
from tests.faults.trial import Report, trial
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer
from tests.stack.stack import Stack
from tests.stack.tenants import Tenants

POOLS, CLIENTS = ("free", "pro", "enterprise"), 6
PAUSE_SECONDS = 5.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Sentinel takes a primary for dead after two seconds."""
    stack = Stack(tmp_path_factory.mktemp("faults"), patience_ms=2_000)
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def clients(stack: Stack) -> list[Client]:
    """Six of one user in each pool, without a rate limit."""
    keys = {
        pool: Tenants(stack.server, pool).create_key("ada@example.com", "--tier", "enterprise")
        for pool in POOLS
    }
    wait_until(lambda: stack.alive() == {"worker", "beat"}, seconds=60)
    return [Client(stack.server, keys[pool], pool, n) for pool in POOLS for n in range(CLIENTS)]


@pytest.fixture
def tried(clients: list[Client], request: pytest.FixtureRequest) -> Callable[..., Report]:
    """Tries a fault, and prints what came of it."""

    def tried(fault: Callable[[], None]) -> Report:
        report = trial(clients, fault)
        print(f"\n{request.node.name.removeprefix('test_').replace('_', ' ')}: {report}")
        return report

    return tried


@contextlib.contextmanager
def paused(redis: RedisServer) -> Iterator[None]:
    redis.pause()
    try:
        yield
    finally:
        redis.resume()


def test_a_killed_gunicorn_worker(stack: Stack, tried: Callable[..., Report]) -> None:
    def fault() -> None:
        before = workers(stack.server)
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len(workers(stack.server)) == 2 and workers(stack.server) != before, seconds=30)

    report = tried(fault)

    assert not report.lost
    assert set(report.errors) <= {"no answer (ConnectionResetError)", "no answer (RemoteDisconnected)"}
    assert report.recovery < 5


def test_a_killed_celery_worker(stack: Stack, tried: Callable[..., Report]) -> None:
    def fault() -> None:
        killed = time.monotonic()
        stack.worker.kill()
        wait_until(lambda: "worker" not in stack.alive(), seconds=30)
        stack.worker.start()
        wait_until(lambda: stack.alive() == {"worker", "beat"}, seconds=60)
        print(f"\na worker was heard of again {time.monotonic() - killed:.1f} s after the kill")

    report = tried(fault)

    assert not report.lost
    assert not report.errors


def test_a_killed_primary(stack: Stack, tried: Callable[..., Report]) -> None:
    """Its replica is promoted, with what it had; the old one comes back as the new one's replica."""
    pair = stack.enterprise
    old, new = pair.primary, pair.replica
    lags, killed = [], []

    def fault() -> None:
        with Replication(old, new).watched() as replication:
            time.sleep(0.5)
            killed.append(time.time())
            old.kill()
            lags.append(replication.behind(killed[0]))
        wait_until(lambda: pair.named() == new.port, seconds=60)
        print(f"\nSentinel named the replica {time.time() - killed[0]:.1f} s after the kill")

    report = tried(fault)
    ages = [killed[0] - write.at for write in report.lost]
    print(
        f"the replica was {lags[0] * 1000:.0f} ms behind; lost writes were {[round(age, 3) for age in ages]} s old"
    )
    old.restart()
    pair.primary, pair.replica = new, old
    wait_until(pair.is_in_step, seconds=60)

    assert all(age <= lags[0] for age in ages)
    assert report.pools <= {"enterprise"}
    assert set(report.errors) <= {"503"}
    assert report.slowest < 4


def test_a_restarted_postgresql(stack: Stack, tried: Callable[..., Report]) -> None:
    report = tried(stack.postgres.restart)

    assert not report.lost
    assert set(report.errors) <= {"503"}
    assert report.slowest < 4


def test_a_paused_redis_of_one_pool(stack: Stack, tried: Callable[..., Report]) -> None:
    def fault() -> None:
        with paused(stack.pro):
            time.sleep(PAUSE_SECONDS)

    report = tried(fault)

    assert not report.lost
    assert report.pools == {"pro"}
    assert set(report.errors) == {"503"}
    assert report.recovery < PAUSE_SECONDS + 2
    assert report.slowest < 4


def test_a_paused_redis_of_cache_and_broker(stack: Stack, tried: Callable[..., Report]) -> None:
    """Whoever has a good key does not notice; a bad one is refused all the same, and soon."""

    def fault() -> None:
        with paused(stack.broker), stack.server.stranger() as stranger:
            began = time.monotonic()
            refused = stranger.get("/recall/x", headers={"X-API-KEY": "sk_live_bad"})
            seconds = time.monotonic() - began
            time.sleep(max(0, PAUSE_SECONDS - seconds))
        assert refused.status_code == 401
        assert seconds < 4
        wait_until(lambda: stack.alive() == {"worker", "beat"}, seconds=60)

    report = tried(fault)

    assert not report.lost
    assert not report.errors


def test_a_rolling_restart(stack: Stack, tried: Callable[..., Report]) -> None:
    def fault() -> None:
        before = workers(stack.server)
        stack.server.signal(signal.SIGHUP)
        wait_until(partial(are_new, stack.server, before), seconds=60)

    report = tried(fault)

    assert not report.lost
    assert not report.errors
