"""The same, where the others are other processes on the same store."""

import os
import signal
from typing import Any

import pytest

from stash_memory.backends.base import Backend
from stash_memory.errors import StoreUnavailable
from tests.contract import works
from tests.contract.cast import ALICE, LONG, SHORT, assert_expired, content
from tests.contract.crowd import context, in_processes
from tests.contract.engines import Engine, Spec, opened

COUNT = 4


@pytest.fixture
def other(shared_engine: Engine) -> Backend:
    """A second backend on the same store."""
    backend = shared_engine.another()
    assert backend is not None
    return backend


def test_what_one_put_the_other_gets(shared_engine: Engine, other: Backend) -> None:
    put = shared_engine.backend.put(ALICE, "plan", [b"12", b"345"], LONG)
    got = other.get(ALICE, "plan")
    assert (content(got), got.version, got.expires_at_ms) == (b"12345", put.version, put.expires_at_ms)


def test_both_see_each_others_changes_at_once(shared_engine: Engine, other: Backend) -> None:
    version = shared_engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    other.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG, if_version=version)
    assert content(shared_engine.backend.get(ALICE, "plan")) == b"2"
    shared_engine.backend.delete(ALICE, "plan")
    assert other.page(ALICE).entries == []
    assert other.totals(ALICE) == (0, 0)


def test_both_have_the_same_tombstones(shared_engine: Engine, other: Backend) -> None:
    record = shared_engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    shared_engine.advance(SHORT)
    shared_engine.backend.purge(1000)
    assert assert_expired(other, ALICE, "plan") == record.expires_at_ms


def test_both_ask_the_same_bucket(shared_engine: Engine, other: Backend) -> None:
    taken = [works.spend_one(backend) for backend in [shared_engine.backend, other] * 10]
    assert sum(taken) == works.BURST


def increment(backend: Backend, n: int) -> int:
    return works.increment(backend, 25)


def test_processes_add_up(shared_engine: Engine) -> None:
    shared_engine.backend.put(ALICE, "sum", [b"0"], LONG)
    in_processes(COUNT, shared_engine.spec, increment)
    assert content(shared_engine.backend.get(ALICE, "sum")) == str(COUNT * 25).encode()


def spend_often(backend: Backend, n: int) -> int:
    return sum(works.spend_one(backend) for _ in range(20))


def test_processes_are_granted_a_burst_of_ten(shared_engine: Engine) -> None:
    assert sum(in_processes(COUNT, shared_engine.spec, spend_often)) == works.BURST


def create(backend: Backend, n: int) -> int:
    return works.create(backend, f"{n}")


def test_one_of_the_processes_creates(shared_engine: Engine) -> None:
    created = in_processes(COUNT, shared_engine.spec, create)
    assert sum(created) == 1
    assert content(shared_engine.backend.get(ALICE, "lock")) == str(created.index(1)).encode()


def keep_under_caps(backend: Backend, n: int) -> int:
    return sum(works.keep_under_caps(backend, f"{n}/{m}") for m in range(15))


def test_processes_at_a_cap_fill_it_and_never_exceed_it(shared_engine: Engine) -> None:
    if shared_engine.split_caps:
        pytest.skip("writers at one moment in two pools may pass a cap together")
    assert sum(in_processes(COUNT, shared_engine.spec, keep_under_caps)) == works.MOST
    assert shared_engine.backend.totals(ALICE) == (works.MOST, works.MOST * 10)


def replace_or_read(backend: Backend, n: int) -> int:
    """Two write, and the others read what they write; returns how many whole values were read."""
    whole = 0
    for _, data in zip(range(40), works.values(n), strict=False):
        if n < 2:
            backend.put(ALICE, "plan", [data[:1000], data[1000:]], LONG)
        else:
            record = backend.get(ALICE, "plan")
            try:
                data = content(record)
            except StoreUnavailable:
                continue
            works.assert_whole(data)
            assert len(data) == record.size
            whole += 1
    return whole


def test_readers_in_other_processes_see_whole_values(shared_engine: Engine) -> None:
    shared_engine.backend.put(ALICE, "plan", [b"A"], LONG)
    whole = in_processes(COUNT, shared_engine.spec, replace_or_read)
    assert all(count > 0 for count in whole[2:])


def write_for_ever(spec: Spec, acknowledged: Any) -> None:
    """Puts record after record, and tells of each one once it is acknowledged."""
    backend = opened(spec)
    for n in range(1_000_000):
        record = backend.put(ALICE, f"{n}", [f"{n}".encode() * 500], LONG)
        acknowledged.send((n, record.version))


@pytest.fixture
def killed_writer(shared_engine: Engine) -> dict[int, str]:
    """The versions that a writer was told of before it was killed in the midst of writing."""
    reader, writer = context.Pipe(duplex=False)
    child = context.Process(target=write_for_ever, args=(shared_engine.spec, writer))
    child.start()
    writer.close()
    versions: dict[int, str] = {}
    try:
        while len(versions) < 200:
            assert reader.poll(60), "the writer writes"
            n, version = reader.recv()
            versions[n] = version
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        try:
            while reader.poll(0):
                n, version = reader.recv()
                versions[n] = version
        except EOFError:
            pass
    finally:
        child.kill()
        reader.close()
    if not shared_engine.exact:
        # What the writer had sent before it died may still be under way in the server.
        shared_engine.advance(500)
    return versions


def test_the_death_of_a_writer_loses_no_acknowledged_write(
    shared_engine: Engine, killed_writer: dict[int, str]
) -> None:
    for n, version in killed_writer.items():
        got = shared_engine.backend.get(ALICE, f"{n}")
        assert (content(got), got.version) == (f"{n}".encode() * 500, version)


def test_the_death_of_a_writer_leaves_nothing_half_done(
    shared_engine: Engine, killed_writer: dict[int, str]
) -> None:
    entries = []
    cursor = None
    while not entries or cursor is not None:
        page = shared_engine.backend.page(ALICE, "", cursor)
        entries, cursor = entries + page.entries, page.cursor
    assert len(killed_writer) <= len(entries) <= len(killed_writer) + 1
    assert all(content(shared_engine.backend.get(ALICE, e.id)) == e.id.encode() * 500 for e in entries)
    assert shared_engine.backend.totals(ALICE) == (len(entries), sum(entry.size for entry in entries))


def test_the_death_of_a_writer_leaves_the_store_writable(
    shared_engine: Engine, killed_writer: dict[int, str]
) -> None:
    shared_engine.backend.put(ALICE, "after", [b"1"], LONG)
    assert content(shared_engine.backend.get(ALICE, "after")) == b"1"
