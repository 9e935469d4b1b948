"""The thread that writes the counts, and what it does while it cannot."""

import logging
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection

from accounts.models import ApiKey, UsageHour, User
from accounts.usage import flusher as module
from accounts.usage.buffer import Buffer
from accounts.usage.flusher import Flusher
from tests.accounts.usage.conftest import NOW, Clock
from tests.servers.process import wait_until

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def buffer(clock: Clock) -> Buffer:
    """With one request in it."""
    buffer = Buffer(clock)
    buffer.count("usr_a", "key_1", 200, 1)
    return buffer


def requests() -> int:
    """Of the service, so far."""
    hour = UsageHour.objects.filter(subject="").first()
    return hour.requests if hour else 0


def fails(times: int, real: Callable[..., None]) -> Callable[..., None]:
    """The real step, after so many failures of the database."""
    left = iter(range(times))

    def step(what: object) -> None:
        if next(left, None) is not None:
            raise OperationalError("the database is away")
        real(what)

    return step


def test_it_writes_in_the_background_until_it_is_stopped(buffer: Buffer) -> None:
    flusher = Flusher(buffer, every_seconds=0.01)
    flusher.start()
    wait_until(lambda: requests() == 1)
    buffer.count("usr_a", "key_1", 200, 1)
    wait_until(lambda: requests() == 2)

    flusher.stop()

    assert not flusher.is_alive()


def test_what_is_left_is_written_when_it_is_stopped(buffer: Buffer) -> None:
    flusher = Flusher(buffer, every_seconds=3_600)
    flusher.start()
    alice = User.objects.create_user("alice@example.com")
    key, _ = ApiKey.issue(alice)
    buffer.use(key.public_id, NOW)

    flusher.stop()

    key.refresh_from_db()
    assert (requests(), key.last_used_at) == (1, NOW)


def test_nothing_is_asked_of_the_database_where_nothing_was_counted(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert Flusher(Buffer()).flush()


def test_counts_outlive_an_outage_and_are_written_once(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "write", fails(2, module.write))
    flusher = Flusher(buffer)
    for written in (False, False, True):
        assert flusher.flush() is written
        buffer.count("usr_a", "key_1", 200, 1)

    assert requests() == 3
    assert flusher.flush()
    assert requests() == 4
    assert [record.msg for record in caplog.records] == ["usage_kept_back"] * 2
    assert caplog.records[0].fields == {"message": "the database is away"}


def test_a_real_failure_loses_nothing(buffer: Buffer) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_usagehour RENAME TO taken_away")
    assert not Flusher(buffer).flush()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE taken_away RENAME TO accounts_usagehour")

    assert Flusher(buffer).flush()

    assert requests() == 1


def test_a_fault_of_our_own_loses_neither_counts_nor_thread(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults: Iterator[str] = iter(["a fault"])
    real = module.write

    def write(rows: object) -> None:
        for fault in faults:
            raise ValueError(fault)
        real(rows)

    monkeypatch.setattr(module, "write", write)
    flusher = Flusher(buffer, every_seconds=0.01)
    flusher.start()
    wait_until(lambda: requests() == 1)
    flusher.stop()

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.records[0].exc_info is not None


def test_a_database_that_is_away_for_a_moment_at_the_end_still_gets_all(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(module, "write", fails(module.LAST_TRIES - 1, module.write))
    flusher = Flusher(buffer, every_seconds=3_600)
    flusher.start()

    flusher.stop()

    assert requests() == 1


def test_a_database_that_stays_away_does_not_hold_up_the_end(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(module, "write", fails(1_000, module.write))
    flusher = Flusher(buffer, every_seconds=3_600)
    flusher.start()

    flusher.stop()

    assert not flusher.is_alive()
