"""The last purges, and what each removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from operators.charts.units import number, size
from storage.models import PurgeRun


@dataclass(frozen=True, slots=True)
class PurgeRow:
    """One run. `without` names the pools that it could not count."""

    pk: int
    finished_at: datetime
    memories: str
    bytes: str
    live_memories: str
    without: str


def purge_rows(runs: Iterable[PurgeRun]) -> list[PurgeRow]:
    """As people read them."""
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
