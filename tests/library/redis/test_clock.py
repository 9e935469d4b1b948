"""The server's clock decides, and to the millisecond, whatever the clocks of its clients say."""

import time

import pytest

from stash_memory.errors import MemoryExpired, RateLimited
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, SHORT, content, slow_spend
from tests.servers.redis_server import RedisServer

HOUR = 3_600_000


def server_ms(server: RedisServer) -> int:
    with server.client() as client:
        seconds, micros = client.time()
    return int(seconds) * 1000 + int(micros) // 1000


@pytest.mark.parametrize("off_ms", [HOUR, -HOUR], ids=["fast", "slow"])
def test_a_client_whose_clock_is_an_hour_off(
    server: RedisServer, backend: RedisBackend, monkeypatch: pytest.MonkeyPatch, off_ms: int
) -> None:
    true_s, true_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: true_s() + off_ms / 1000)
    monkeypatch.setattr(time, "time_ns", lambda: true_ns() + off_ms * 1_000_000)
    record = backend.put(ALICE, "plan", [b"1"], LONG)
    assert abs(record.expires_at_ms - server_ms(server) - LONG) < 1_000
    assert record.remaining_ms == LONG
    assert LONG - 1_000 < backend.get(ALICE, "plan").remaining_ms <= LONG
    short = backend.put(ALICE, "short", [b"1"], SHORT)
    assert content(backend.get(ALICE, "short")) == b"1"
    time.sleep(SHORT / 1000)
    with pytest.raises(MemoryExpired) as caught:
        backend.get(ALICE, "short")
    assert caught.value.expired_at_ms == short.expires_at_ms
    backend.spend(ALICE, slow_spend())
    with pytest.raises(RateLimited) as denied:
        backend.spend(ALICE, slow_spend())
    assert denied.value.retry_after_ms <= HOUR
    assert backend.totals() == (1, 1)


def test_no_record_is_given_at_its_expiry_or_after(server: RedisServer, backend: RedisBackend) -> None:
    """Redis itself would give it for up to a millisecond more."""
    for n in range(100):
        record = backend.put(ALICE, f"{n}", [b"1"], 10)
        while True:
            before_ms = server_ms(server)
            try:
                got = backend.get(ALICE, f"{n}")
            except MemoryExpired as error:
                assert error.expired_at_ms == record.expires_at_ms  # noqa: PT017
                assert server_ms(server) >= record.expires_at_ms
                break
            assert got.remaining_ms >= 1
            assert before_ms < record.expires_at_ms


def test_a_bucket_is_exact_to_the_microsecond(server: RedisServer, backend: RedisBackend) -> None:
    """Lua's tostring would keep 14 digits of 16, and lose a hundred microseconds."""
    backend.spend(ALICE, slow_spend(5))
    with server.client() as client:
        state = client.get("bucket:{usr_alice}")
    assert state is not None
    assert len(state) == 16
    assert int(state) // 1000 - server_ms(server) == pytest.approx(HOUR, abs=1_000)
