"""Real seconds: a record lives until its expiry on the store's clock, purged or not, whatever a client's clock says."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stash_memory.errors import MemoryExpired
from tests.contract.cast import ALICE, LONG, content
from tests.contract.conftest import opened, params
from tests.contract.engines import ENGINES, Engine

HOUR_MS = 3_600_000
SECOND_MS = 1_000

# What the store's clock and this process's may differ by, both being this machine's.
TOLERANCE_MS = 50

true_ns = time.time_ns


def true_ms() -> int:
    return true_ns() // 1_000_000


@pytest.fixture(params=params(e for e in ENGINES if not e.exact))
def server_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine whose clock is its server's."""
    yield from opened(request, tmp_path)


def test_a_second_is_a_second(engine: Engine) -> None:
    """There at 0.9 s and gone at 1.0 s, and nothing but a get has looked at it."""
    record = engine.backend.put(ALICE, "plan", [b"1"], SECOND_MS)
    engine.advance(SECOND_MS - 100)
    seen_ms = 0
    while True:
        before_ms = engine.now_ms()
        try:
            got = engine.backend.get(ALICE, "plan")
        except MemoryExpired as error:
            gone_ms, expired_at_ms = engine.now_ms(), error.expired_at_ms
            break
        assert content(got) == b"1"
        assert before_ms < record.expires_at_ms + TOLERANCE_MS
        seen_ms = before_ms
        engine.advance(10)
    assert expired_at_ms == record.expires_at_ms
    assert gone_ms >= record.expires_at_ms - TOLERANCE_MS
    assert seen_ms or not engine.exact


@pytest.mark.parametrize("off_ms", [HOUR_MS, -HOUR_MS], ids=["fast", "slow"])
def test_a_client_whose_clock_is_an_hour_off_changes_no_expiry(
    server_engine: Engine, monkeypatch: pytest.MonkeyPatch, off_ms: int
) -> None:
    true_s = time.time
    monkeypatch.setattr(time, "time", lambda: true_s() + off_ms / 1000)
    monkeypatch.setattr(time, "time_ns", lambda: true_ns() + off_ms * 1_000_000)
    backend = server_engine.backend
    before_ms = true_ms()
    short = backend.put(ALICE, "short", [b"1"], SECOND_MS)
    after_ms = true_ms()
    assert before_ms - TOLERANCE_MS <= short.expires_at_ms - SECOND_MS <= after_ms + TOLERANCE_MS
    long = backend.put(ALICE, "long", [b"1"], LONG)
    assert backend.get(ALICE, "long").expires_at_ms == long.expires_at_ms
    extended = backend.update(ALICE, "long", extra_ms=SECOND_MS, max_ttl_ms=2 * LONG)
    assert extended.expires_at_ms == long.expires_at_ms + SECOND_MS
    while true_ms() < short.expires_at_ms + TOLERANCE_MS:
        time.sleep(0.02)
    with pytest.raises(MemoryExpired) as caught:
        backend.get(ALICE, "short")
    assert caught.value.expired_at_ms == short.expires_at_ms
    backend.purge(1000)
    assert backend.totals(ALICE) == (1, 1)
