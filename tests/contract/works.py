"""What the members of a crowd do, threads or processes alike. Each says how much of it was granted."""

from collections.abc import Iterator

from stash_memory.backends.base import Backend
from stash_memory.errors import PreconditionFailed, QuotaExceeded, RateLimited
from stash_memory.records import Caps
from tests.contract.cast import ALICE, LONG, content, slow_spend

BURST = 10
MOST = 20


def increment(backend: Backend, times: int) -> int:
    """Adds 1 to the record "sum" so many times, by compare and set; returns how often it had to try again."""
    lost = 0
    for _ in range(times):
        while True:
            record = backend.get(ALICE, "sum")
            body = [str(int(content(record)) + 1).encode()]
            try:
                if lost % 2:
                    backend.put(ALICE, "sum", body, LONG, if_version=record.version)
                else:
                    backend.update(ALICE, "sum", body=body, max_ttl_ms=LONG, if_version=record.version)
            except PreconditionFailed:
                lost += 1
            else:
                break
    return lost


def spend_one(backend: Backend) -> int:
    """1 if a token was granted."""
    try:
        backend.spend(ALICE, slow_spend(BURST))
    except RateLimited:
        return 0
    return 1


def create(backend: Backend, name: str) -> int:
    """1 if this one created the record "lock"."""
    try:
        backend.put(ALICE, "lock", [name.encode()], LONG, if_absent=True)
    except PreconditionFailed:
        return 0
    return 1


def keep_under_caps(backend: Backend, id: str, size: int = 10) -> int:
    """1 if the record was let in under caps of MOST memories and 10 bytes for each of them."""
    try:
        backend.put(ALICE, id, [b"x" * size], LONG, caps=Caps(MOST, MOST * 10))
    except QuotaExceeded:
        return 0
    return 1


def values(writer: int) -> Iterator[bytes]:
    """Bodies that show at a glance who wrote them, and whether they are whole."""
    for n in range(1, 1_000_000):
        yield bytes([65 + writer]) * (1 + 37_003 * n % 300_000)


def assert_whole(data: bytes) -> None:
    """No mixture of two values."""
    assert data == data[:1] * len(data)
