"""Background work: when each part was last seen, and the last purges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from operators.charts.units import lasting, number, size
from storage.models import Heartbeat, PurgeRun
from storage.models.upkeep import BEAT, WORKER
from upkeep.purge import EVERY_SECONDS

# A part is well if it reported within three of its intervals.
PATIENCE = 3
NAMES = {WORKER: "Celery worker", BEAT: "Celery beat"}


@dataclass(frozen=True, slots=True)
class Work:
    """One part of the service. `seen` is how long ago it reported, or None; `well` is None if it never did."""

    name: str
    seen: str | None
    well: bool | None


def works(last: PurgeRun | None, now: datetime) -> list[Work]:
    """Returns the purge, and in hosted mode the worker and beat. Takes one query in hosted mode, else none."""
    ended = last.finished_at if last else None
    purge = work("Purge", ended, now, EVERY_SECONDS)
    if not settings.HOSTED:
        return [purge]
    return [*heartbeats(Heartbeat.all_known(), now), purge]


def heartbeats(known: Mapping[str, datetime], now: datetime) -> list[Work]:
    """Returns both parts of Celery."""
    return [work(name, known.get(part), now, Heartbeat.EVERY_SECONDS) for part, name in NAMES.items()]


def work(name: str, at: datetime | None, now: datetime, every_seconds: int) -> Work:
    """Returns a part that last reported `at`, and reports this often."""
    if at is None:
        return Work(name, None, None)
    return Work(name, lasting(now - at), now - at <= PATIENCE * timedelta(seconds=every_seconds))


@dataclass(frozen=True, slots=True)
class PurgeRow:
    """One purge; `without` names the pools that it could not count."""

    pk: int
    finished_at: datetime
    memories: str
    bytes: str
    live_memories: str
    without: str


def purge_rows(runs: Iterable[PurgeRun]) -> list[PurgeRow]:
    """Words the figures of the purges."""
    return [
        PurgeRow(
            run.pk,
            run.finished_at,
            number(run.memories),
            size(run.bytes),
            number(run.live_memories),
            run.without,
        )
        for run in runs
    ]
