"""Counts become rows, which add up however many processes write them."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import ApiKey, UsageHour, UsageMinute, User
from accounts.usage.buffer import Buffer
from accounts.usage.columns import COLUMNS, STASHES
from accounts.usage.upsert import mark_used, write
from tests.accounts.usage.conftest import NOW, Clock
from tests.server_process import clean_environment

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("database")


def counted(clock: Clock, times: int = 1) -> Buffer:
    """A user's two keys were used so many times each, and once there was no valid key."""
    buffer = Buffer(clock)
    for _ in range(times):
        buffer.count("usr_a", "key_1", 201, 3, (STASHES,), bytes_in=5_000_000_000)
        buffer.count("usr_a", "key_2", 429, 8_000)
    buffer.count("", "", 401, 0.1)
    return buffer


def requests(table: type[UsageMinute] | type[UsageHour]) -> dict[tuple[str, str], int]:
    rows = table.objects.values_list("subject", "at", "requests")
    return {(subject, f"{at:%H:%M}"): number for subject, at, number in rows}


def test_a_request_stands_in_the_rows_of_its_key_its_user_and_the_service(clock: Clock) -> None:
    write(counted(clock).take()[0])

    assert requests(UsageMinute) == {
        ("", "12:30"): 3,
        ("usr_a", "12:30"): 2,
        ("key_1", "12:30"): 1,
        ("key_2", "12:30"): 1,
    }
    assert requests(UsageHour) == {
        ("", "12:00"): 3,
        ("usr_a", "12:00"): 2,
        ("key_1", "12:00"): 1,
        ("key_2", "12:00"): 1,
    }


def test_what_comes_later_is_added_column_by_column(clock: Clock) -> None:
    write(counted(clock, times=2).take()[0])
    clock.now += 60
    write(counted(clock, times=3).take()[0])

    hour = UsageHour.objects.filter(subject="").values(*COLUMNS).get()

    assert {name: number for name, number in hour.items() if number} == {
        "requests": 12,
        "stashes": 5,
        "bytes_in": 25_000_000_000,
        "status_429": 5,
        "status_4xx": 2,
        "up_to_1_ms": 2,
        "up_to_5_ms": 5,
        "over_5000_ms": 5,
    }
    assert requests(UsageMinute)[("usr_a", "12:30")] == 4
    assert requests(UsageMinute)[("usr_a", "12:31")] == 6


def test_more_rows_than_go_into_a_statement_are_all_written(clock: Clock) -> None:
    buffer = Buffer(clock)
    for number in range(1_201):
        buffer.count(f"usr_{number}", f"key_{number}", 200, 1)

    write(buffer.take()[0])

    assert UsageMinute.objects.count() == UsageHour.objects.count() == 2_403
    assert UsageHour.objects.get(subject="").requests == 1_201


def test_all_of_it_is_written_or_none(clock: Clock) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_usagehour RENAME TO taken_away")

    with pytest.raises(DatabaseError):
        write(counted(clock).take()[0])

    assert not UsageMinute.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE taken_away RENAME TO accounts_usagehour")


def test_four_processes_that_flush_at_once_count_to_the_request() -> None:
    """Each names the same 300 users in an order of its own, 20 times: without one order for all it deadlocks."""
    url = database_url()
    home = (
        str(Path(str(connection.settings_dict["NAME"])).parent) if connection.vendor == "sqlite" else "/tmp"
    )
    environment = clean_environment(DATABASE_URL=url, STASH_HOME=home) | {
        "DJANGO_SETTINGS_MODULE": "stash_site.settings"
    }
    command = [sys.executable, "-m", "tests.accounts.usage.crowd"]
    crowd = [
        subprocess.Popen([*command, str(seed)], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for seed in range(4)
    ]
    said = [json.loads(process.communicate(timeout=120)[0]) for process in crowd]

    assert said == [{"failed": 0}] * 4
    assert UsageHour.objects.get(subject="").requests == 4 * 20 * 300
    assert set(UsageHour.objects.filter(subject__startswith="usr_").values_list("requests", flat=True)) == {
        80
    }


def database_url() -> str:
    """Where this test's database is."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{os.path.basename(parts['NAME'])}"
    return f"postgres://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"


def test_last_used_is_written_to_the_minute() -> None:
    key, _ = ApiKey.issue(User.objects.create_user("alice@example.com"))
    for seconds, written in ((0, 0), (59, 0), (60, 60), (30, 60), (300, 300)):
        mark_used({key.public_id: NOW + timedelta(seconds=seconds), "key_gone": NOW})
        key.refresh_from_db()
        assert key.last_used_at == NOW + timedelta(seconds=written)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_last_used_does_not_wait_for_who_holds_the_key() -> None:
    """(SQLite has one lock for all.)"""
    alice = User.objects.create_user("alice@example.com")
    held, free = ApiKey.issue(alice)[0], ApiKey.issue(alice)[0]
    other = connection.copy()
    with transaction.atomic():
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_apikey WHERE id = %s FOR UPDATE", [held.pk])
        mark_used({held.public_id: NOW, free.public_id: NOW})
        other.rollback()
    other.close()

    assert set(ApiKey.objects.values_list("pk", "last_used_at")) == {(held.pk, None), (free.pk, NOW)}
