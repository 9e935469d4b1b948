"""The purge: one run at a time, recorded and logged."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from stash_memory.store import Store
from storage.models import Lease, PurgeRun
from storage.pools import Pools
from tests.backends import SqliteBackend
from upkeep import purge as purging
from upkeep.thread import PurgeThread


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store with three memories that have expired and one that lives."""
    store = Store(SqliteBackend(tmp_path / "memories.db", clock=lambda: 10**18))
    for number in range(3):
        store.backend.put("usr_a", f"old{number}", [b"12345"], 1)
    store.backend.put("usr_a", "live", [b"1234567"], 10**9)
    store.backend.close()
    store = Store(SqliteBackend(tmp_path / "memories.db", clock=lambda: 10**18 + 10**9))
    pools = Pools({"default": lambda: store.backend}, single="default")
    monkeypatch.setattr(purging, "pools", lambda: pools)
    yield store
    store.close()


@pytest.mark.django_db
def test_a_run_removes_what_has_expired_and_records_what_lives(store: Store) -> None:
    run = purging.purge()

    assert run is not None
    assert (run.memories, run.bytes) == (3, 15)
    assert (run.live_memories, run.live_bytes) == (1, 7)
    assert PurgeRun.objects.get() == run


@pytest.mark.django_db
def test_a_run_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "stash.purge")

    purging.purge()

    assert [record.msg for record in caplog.records] == ["expired_purged"]
    assert caplog.records[0].fields["memories"] == 3


@pytest.mark.django_db
def test_two_runs_never_overlap(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    with Lease.held("purge", 60):
        assert purging.purge() is None
        call_command("purge")

    assert capsys.readouterr().out == "Another process is purging now.\n"
    assert not PurgeRun.objects.exists()


@pytest.mark.django_db
def test_an_operator_can_purge_by_hand(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("purge")

    assert capsys.readouterr().out == "Removed 3 expired memories (15 bytes); 1 are alive (7 bytes).\n"


@pytest.mark.django_db(transaction=True)
def test_local_mode_purges_in_a_thread_and_outlives_a_failure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stash_memory.errors import StoreUnavailable

    purges = iter([StoreUnavailable("gone for a moment"), purging.purge])

    def purge() -> None:
        following = next(purges, None)
        if isinstance(following, Exception):
            raise following
        if following:
            following()
            thread.stopping.set()

    monkeypatch.setattr("upkeep.thread.purge", purge)
    thread = PurgeThread(every_seconds=0.01)
    thread.start()
    thread.join(timeout=20)

    assert not thread.is_alive()
    assert PurgeRun.objects.get().memories == 3
