"""Writes what was counted: adds it to the rows of the database, however many processes do so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction

from accounts.models import ApiKey, UsageHour, UsageMinute
from accounts.usage.buffer import Rows
from accounts.usage.columns import COLUMNS, WIDTH, Row, add

# How exact "last used" is: a key in steady use is not written at each flush of each process.
EXACT = timedelta(seconds=60)
STEP = 500

Table = type[UsageMinute] | type[UsageHour]
Cell = tuple[str, int]
T = TypeVar("T")


def write(rows: Rows) -> None:
    """Adds `rows` to the minutes and hours of their keys, their users and the service: all of them, or none.

    Raises DatabaseError and InterfaceError.
    """
    minutes: dict[Cell, Row] = {}
    hours: dict[Cell, Row] = {}
    for (minute, user_id, key_id), row in rows.items():
        for subject in {"", user_id, key_id}:
            add(minutes.setdefault((subject, minute * 60), [0] * WIDTH), row)
            add(hours.setdefault((subject, minute // 60 * 3_600), [0] * WIDTH), row)
    with transaction.atomic():
        upsert(UsageMinute, minutes)
        upsert(UsageHour, hours)


def upsert(table: Table, cells: Mapping[Cell, Row]) -> None:
    """Adds to the rows of one table, in the order of their keys: processes that all keep to it cannot deadlock."""
    name = table._meta.db_table
    added = ", ".join(f"{column} = {name}.{column} + excluded.{column}" for column in COLUMNS)
    # A flush is of a minute or two: each is put into the driver's words once, which else is half of the work.
    moments = {at: moment(at) for at in {at for _, at in cells}}
    for step in steps(sorted(cells.items())):
        # The numbers stand in the text: they are our own integers, and as parameters they cost ten times as much.
        values = ", ".join(f"(%s, %s, {', '.join(map(str, row))})" for _, row in step)
        parameters = [value for (subject, at), _ in step for value in (subject, moments[at])]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {name} (subject, at, {', '.join(COLUMNS)}) VALUES {values}"  # noqa: S608
                f" ON CONFLICT (subject, at) DO UPDATE SET {added}",
                parameters,
            )


def moment(seconds: int) -> Any:
    """A time since the epoch, as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(seconds, UTC))


def mark_used(used: Mapping[str, datetime]) -> None:
    """Writes when keys were last used, to the minute. Raises DatabaseError and InterfaceError."""
    for step in steps(sorted(used)):
        known = ApiKey.objects.filter(public_id__in=step).values_list("public_id", "last_used_at")
        late = [key_id for key_id, at in known if at is None or used[key_id] - at >= EXACT]
        if late:
            write_last_used(late, used)


def write_last_used(key_ids: Sequence[str], used: Mapping[str, datetime]) -> None:
    """Writes it for these keys. A row that somebody holds is left to the next time: whoever revokes many keys
    at once never waits in a circle with us."""
    with transaction.atomic():
        keys = ApiKey.objects.select_for_update(skip_locked=True).filter(public_id__in=key_ids)
        found = list(keys.only("public_id"))
        for key in found:
            key.last_used_at = used[key.public_id]
        ApiKey.objects.bulk_update(found, ["last_used_at"])


def steps(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """`rows`, some hundreds at a time."""
    return (rows[start : start + STEP] for start in range(0, len(rows), STEP))
