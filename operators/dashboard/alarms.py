"""What cannot wait until somebody scrolls: pools that do not answer, or are ill."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from operators.charts.units import lasting
from operators.dashboard.storage import PoolRow
from storage.models import PurgeRun


@dataclass(frozen=True, slots=True)
class Alarm:
    """One pool. `counted_at` is when the purge last reached one that does not answer, None where that is not known."""

    pool: str
    tiers: str
    down: bool
    warnings: list[str]
    counted_at: datetime | None = None
    ago: str = ""


def alarms(rows: Iterable[PoolRow], now: datetime) -> list[Alarm]:
    """Of all that are ill, in the order of the rows. A query for each that does not answer, and none otherwise."""
    return [alarm(row, now) for row in rows if not row.state.well]


def alarm(row: PoolRow, now: datetime) -> Alarm:
    """Of one pool that is ill."""
    if row.state.up:
        return Alarm(row.name, row.tiers, False, row.state.warnings)
    at = last_counted(row.name)
    return Alarm(row.name, row.tiers, True, [], at, lasting(now - at) if at else "")


def last_counted(pool: str) -> datetime | None:
    """The end of the last purge that reached it. Reads the runs since then; a week of them is kept."""
    runs = PurgeRun.objects.values_list("finished_at", "pools").iterator(chunk_size=100)
    return next((finished_at for finished_at, pools in runs if pools.get(pool) is not None), None)
