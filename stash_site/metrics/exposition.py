"""All metrics in Prometheus's format: the counters, and the state that all servers of a service share."""

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from stash_memory import __version__
from stash_site.health import pools_answer
from stash_site.metrics.counters import REGISTRY, Counted, write
from storage.models import Heartbeat, PurgeRun

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def exposition(accept: str) -> tuple[bytes, str]:
    """Return the metrics and their content type."""
    write()
    several = FOLDER in os.environ  # noqa: TID251 - prometheus_client's own switch
    source: Collector = MultiProcessCollector(None) if several else REGISTRY
    registry = CollectorRegistry()
    registry.register(Counted(source))
    registry.register(Service())
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class Service(Collector):
    """The database, the pools, the last purge and Celery's heartbeats, with three queries at most."""

    def collect(self) -> Iterator[Metric]:
        """Yield the families; only those of the database and the pools if the database is away."""
        yield InfoMetricFamily("stash_build", "The server's version.", value={"version": __version__})
        yield gauge(
            "stash_body_bytes_in_flight_limit",
            "Bytes of large bodies that this server holds at most.",
            settings.STASH_BODY_BYTES_IN_FLIGHT * settings.STASH_WORKERS,
        )
        up = labelled(
            "stash_pool_up",
            "Whether the pool answers.",
            "pool",
            {n: float(a) for n, a in pools_answer().items()},
        )
        yield up
        try:
            run = PurgeRun.objects.order_by("-finished_at").first()
            heard = Heartbeat.all_known()
        except DatabaseError:
            yield gauge("stash_database_up", "Whether the database of users and keys answers.", 0)
            return
        yield gauge("stash_database_up", "Whether the database of users and keys answers.", 1)
        yield labelled(
            "stash_heartbeat_timestamp_seconds",
            "When Celery's worker (one of them), and beat, were last heard of.",
            "part",
            {name: at.timestamp() for name, at in heard.items()},
        )
        if run is not None:
            yield from purge(run)


def purge(run: PurgeRun) -> Iterator[Metric]:
    """Yield the last run: its time and duration, what it removed, and what lived after it."""
    yield gauge("stash_purge_timestamp_seconds", "When the last purge ended.", run.finished_at.timestamp())
    took = (run.finished_at - run.started_at).total_seconds()
    yield gauge("stash_purge_seconds", "How long it took.", took)
    yield gauge("stash_purge_removed_memories", "Expired memories that it removed.", run.memories)
    yield gauge("stash_purge_removed_bytes", "Bytes of those.", run.bytes)
    live = {name: found for name, found in run.pools.items() if found is not None}
    for what, words in (("memories", "Live memories"), ("bytes", "Bytes of data of live memories")):
        values = {name: found[what] for name, found in live.items()}
        yield labelled(f"stash_live_{what}", f"{words}, by pool, when the last purge ended.", "pool", values)


def gauge(name: str, words: str, value: float) -> Metric:
    """Build a gauge with one value."""
    return GaugeMetricFamily(name, words, value=value)


def labelled(name: str, words: str, label: str, values: dict[str, float]) -> Metric:
    """Build a gauge with a value for each value of the label."""
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
