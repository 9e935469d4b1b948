"""Who and what the contract's tests speak of."""

import pytest

from stash_memory.backends.base import Backend
from stash_memory.bucket import Spend
from stash_memory.errors import MemoryExpired, MemoryMissing, MemoryNotFound
from stash_memory.records import Record

ALICE = "usr_alice"
BOB = "usr_bob"

# Milliseconds. LONG outlives any test; SHORT runs out in it, and is still slow enough for a sleeping engine.
LONG = 600_000
SHORT = 200
DAY = 24 * 3600 * 1000


def content(record: Record) -> bytes:
    """The bytes of the record's body."""
    return b"".join(record.body)


def ids(backend: Backend, user: str, prefix: str = "", limit: int = 100) -> list[str]:
    """Every id that the pages show, in the order in which they show them."""
    found: list[str] = []
    cursor = None
    while True:
        page = backend.page(user, prefix, cursor, limit)
        assert len(page.entries) <= limit
        found += [entry.id for entry in page.entries]
        cursor = page.cursor
        if cursor is None:
            return found


def assert_not_found(backend: Backend, user: str, id: str) -> None:
    """It is not there, and never expired as far as anyone remembers."""
    with pytest.raises(MemoryNotFound):
        backend.get(user, id)


def assert_expired(backend: Backend, user: str, id: str) -> int:
    """It expired; returns when."""
    with pytest.raises(MemoryExpired) as caught:
        backend.get(user, id)
    return caught.value.expired_at_ms


def assert_missing(backend: Backend, user: str, id: str) -> None:
    """It is not there, for whatever reason."""
    with pytest.raises(MemoryMissing):
        backend.get(user, id)


def slow_spend(burst: int = 1, cost: int = 1) -> Spend:
    """A spend whose bucket gets a token back in an hour: none, within a test."""
    return Spend(rate=1 / 3600, burst=burst, cost=cost)


def drained(backend: Backend, user: str, burst: int = 1) -> None:
    """Takes all tokens of the user's bucket, which `slow_spend(burst)` then finds empty."""
    backend.spend(user, slow_spend(burst, cost=burst))
