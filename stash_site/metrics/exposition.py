"""All metrics, as Prometheus reads them."""

import os

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from stash_site.metrics.counters import REGISTRY, write
from stash_site.metrics.latency import Counted
from stash_site.metrics.service import Service

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def exposition(accept: str) -> tuple[bytes, str]:
    """The text, and its content type."""
    write()
    several = FOLDER in os.environ  # noqa: TID251 - prometheus_client's own switch
    source: Collector = MultiProcessCollector(None) if several else REGISTRY
    registry = CollectorRegistry()
    registry.register(Counted(source))
    registry.register(Service())
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
