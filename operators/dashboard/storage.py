"""Where memories live: each pool, the tiers that keep theirs in it, what lives there, and how it does."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from accounts.models import Tier
from operators.charts.units import number, size
from operators.dashboard.pool_states import DOWN, PoolState, states
from storage.models import PurgeRun
from storage.store import pools


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool. `memories` and `bytes` are the snapshot's, None where it has none of the pool."""

    name: str
    tiers: str
    memories: str | None
    bytes: str | None
    state: PoolState


def pool_rows(snapshot: PurgeRun | None, now: datetime) -> list[PoolRow]:
    """Every pool and how it does now, the ill ones first. One query; the time that `states` has for those down."""
    tiers = list(Tier.objects.annotate(users=Count("user")))
    names, found = list(pools()), states(now)
    live = snapshot.pools if snapshot else {}
    single = len(names) == 1
    rows = []
    for name in names:
        counted = live.get(name)
        named = [f"{tier.name} ({number(tier.users)})" for tier in tiers if single or tier.pool == name]
        memories = None if counted is None else number(counted["memories"])
        sizes = None if counted is None else size(counted["bytes"])
        rows.append(PoolRow(name, ", ".join(named) or "no tier", memories, sizes, found.get(name, DOWN)))
    # Those that are down first, and then those that warn.
    return sorted(rows, key=lambda row: (row.state.up, row.state.well))
