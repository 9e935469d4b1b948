"""The latency histogram, made of counters: a histogram of the library's takes one observation at a time."""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from stash_site.metrics.counters import BOUNDS, SECONDS, WITHIN


class Counted(Collector):
    """What `source` has counted, with the buckets of each verb as one histogram."""

    def __init__(self, source: Collector) -> None:
        self.source = source

    def collect(self) -> Iterator[Metric]:
        """Each family of `source`, but for those that the histogram is made of; and the histogram."""
        found = {family.name: family for family in self.source.collect()}
        within, seconds = found.pop(WITHIN, None), found.pop(SECONDS, None)
        yield from found.values()
        if within and seconds:
            yield histogram(within, seconds)


def histogram(within: Metric, seconds: Metric) -> Metric:
    """`stash_request_seconds`, by verb."""
    buckets: dict[str, dict[str, float]] = {}
    for labels, number in totals(within):
        buckets.setdefault(labels["verb"], {})[labels["le"]] = number
    sums = {labels["verb"]: number for labels, number in totals(seconds)}
    family = HistogramMetricFamily(
        "stash_request_seconds", "From a request's head to its answer, by verb.", labels=["verb"]
    )
    for verb, counted in buckets.items():
        running = accumulate(counted.get(bound, 0.0) for bound in BOUNDS)
        family.add_metric([verb], buckets=list(zip(BOUNDS, running, strict=True)), sum_value=sums[verb])
    return family


def totals(family: Metric) -> Iterable[tuple[dict[str, str], float]]:
    """A counter's samples, without those that say when each began."""
    return ((sample.labels, sample.value) for sample in family.samples if sample.name.endswith("_total"))
