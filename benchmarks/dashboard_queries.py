"""`python -m benchmarks.dashboard_queries`: what the dashboard costs with 100,000 users and 30 days of usage.

Its figures one by one, and the whole page as an operator is answered, in each of its windows.
On SQLite, and on a PostgreSQL that it starts. Each user is active in so many hours of the 30 days, with one key.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = tempfile.mkdtemp(prefix="stash-dashboard-")
BAR_MS = 300


def setup(engine: str) -> None:
    """Django on an empty database with all tables."""
    os.environ["STASH_HOME"] = HOME
    os.environ["DJANGO_SETTINGS_MODULE"] = "stash_site.settings"
    if engine == "postgresql":
        from tests.servers.shared import postgres_server

        os.environ["DATABASE_URL"] = postgres_server().create_database()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def fill(users: int, hours: int) -> None:
    """So many users, each active in so many hours of 30 days, in one of the last five minutes and maybe before."""
    from datetime import timedelta

    from django.utils import timezone

    from accounts.models import ApiKey, UsageHour, UsageMinute, User
    from accounts.usage.windows import HOUR, MONTH, NOW

    now = timezone.now()
    User.objects.bulk_create(
        [User(email=f"user{n}@example.com", public_id=f"usr_{n}") for n in range(users)], batch_size=1_000
    )
    ids = list(User.objects.order_by("pk").values_list("pk", flat=True))
    ApiKey.objects.bulk_create(
        [
            ApiKey(public_id=f"key_{n}", user_id=pk, digest=n.to_bytes(32), visible_part="sk_live_Ab3d")
            for n, pk in enumerate(ids)
        ],
        batch_size=1_000,
    )
    # Each is active in every so-manieth hour, one later than the one before.
    for hour in range(MONTH.steps):
        every = MONTH.steps // hours
        insert(UsageHour, MONTH.start(now) + hour * MONTH.step, hour % every, every)
    for minute in range(HOUR.steps):
        every = HOUR.steps if minute < HOUR.steps - NOW.steps else NOW.steps
        insert(UsageMinute, HOUR.start(now) + timedelta(minutes=minute), minute % every, every)


def insert(table: Any, at: Any, remainder: int, every: int) -> None:
    """One hour's or minute's rows, made inside the database: the users and keys whose ids leave this remainder."""
    from django.db import connection, transaction

    from accounts.usage.columns import COLUMNS

    into = f"INSERT INTO {table._meta.db_table} (subject, at, {', '.join(COLUMNS)})"
    numbers = ", ".join(["id %% 977 + 1", *["id %% 977 / 2"] * (len(COLUMNS) - 1)])
    sums = ", ".join(["sum(id %% 977 + 1)", *["sum(id %% 977 / 2)"] * (len(COLUMNS) - 1)])
    moment = connection.ops.adapt_datetimefield_value(at)
    with transaction.atomic(), connection.cursor() as cursor:
        for source in ("accounts_user", "accounts_apikey"):
            cursor.execute(
                f"{into} SELECT public_id, %s, {numbers} FROM {source} WHERE id %% %s = %s",
                [moment, every, remainder],
            )
        cursor.execute(
            f"{into} SELECT '', %s, {sums} FROM accounts_user WHERE id %% %s = %s",
            [moment, every, remainder],
        )


def measured(name: str, figure: Callable[[], object]) -> tuple[float, int]:
    """Prints the milliseconds of the quickest of nine times, and the queries."""
    from django.db import connection, reset_queries

    times = []
    for _ in range(9):
        reset_queries()
        began = time.perf_counter()
        figure()
        times.append((time.perf_counter() - began) * 1000)
    took = min(times)
    queries = len(connection.queries)
    print(f"  {name:<58}{took:9.1f} ms {queries:3} queries")
    return took, queries


def measure() -> None:
    """Each figure by itself, and all that the dashboard's page has."""
    from django.utils import timezone

    from accounts.usage.busiest import WINDOWS, make, rankings
    from accounts.usage.figures import Point, requests_of, series, total, totals
    from accounts.usage.windows import DAY, HOUR, MONTH, NOW

    def sums(points: list[Point]) -> object:
        return total(points), total(points[-24:])

    now = timezone.now()
    for window in WINDOWS:
        measured(f"roll-up: ranking users, {window.name}", lambda window=window: make(window, "user", now))
        make(window, "key", now)
    measured("requests a minute, the last hour, and their sum", lambda: total(series(HOUR, now)))
    measured("requests an hour, 30 days, and their sums", lambda: sums(series(MONTH, now)))
    for window in (NOW, HOUR):
        measured(f"the busiest users and keys, {window.name}", lambda window=window: rankings(window, now))
    measured(
        "a page of 100 keys: requests in the last day",
        lambda: requests_of([f"key_{n}" for n in range(100)], now),
    )
    measured("a user's page: 30 days by the hour", lambda: series(MONTH, now, "usr_77"))
    measured("a user's page: the last day", lambda: totals(DAY, now, "usr_77"))


def open_pages() -> int:
    """The pages as an operator is answered, log-in and template included; returns how many are over the bar."""
    from django.utils import timezone

    from accounts.models import User
    from storage.models import PurgeRun

    PurgeRun.record(started_at=timezone.now(), memories=5, bytes=50, live_memories=7, live_bytes=2_048)
    operator = User.objects.create_superuser("ops@example.com", "a long passphrase")
    slow = 0
    for window in ("", "?window=hour", "?window=day", "?window=month"):
        for name, path in (("the first page", "/admin/"), ("the page of usage", "/admin/usage/")):
            took, _ = measured(f"{name}{window}; at most {BAR_MS} ms", visit(operator, f"{path}{window}"))
            slow += took > BAR_MS
    return slow


def visit(operator: Any, path: str) -> Callable[[], object]:
    """Opens it, and sees that it is the page."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")

    def go() -> None:
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"stash-chart" in answer.content

    return go


def main() -> int:
    """One engine in this process; without a name each in a process of its own. 1 if a page is over the bar."""
    import subprocess

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="?", choices=["sqlite", "postgresql"])
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--hours", type=int, default=30, help="in which each user is active, of 720")
    options = parser.parse_args()
    if options.engine is None:
        command = [sys.executable, "-m", "benchmarks.dashboard_queries"]
        return max(
            subprocess.run([*command, engine, *sys.argv[1:]], check=False).returncode
            for engine in ("sqlite", "postgresql")
        )
    setup(options.engine)
    from django.db import connection

    from accounts.models import UsageHour

    fill(options.users, options.hours)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.force_debug_cursor = True  # so that Django counts the queries
    print(f"{options.engine}: {options.users:,} users, {UsageHour.objects.count():,} rows of hours")
    measure()
    return 1 if open_pages() else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        import shutil

        shutil.rmtree(Path(HOME), ignore_errors=True)
