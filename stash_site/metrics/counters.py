"""Counters that the processes of one server share.

prometheus_client keeps each process's numbers in a file and adds them up for each scrape, so the sums keep what a dead
worker has written. The thread that writes usage updates the files every five seconds, and so does the process that is
scraped. SIGKILL loses what a worker counted since.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from accounts.usage.columns import BOUNDS_MS
from memories.in_flight import in_flight
from memories.tally import BYTES_IN, BYTES_OUT, FIRST_BUCKET, MILLISECONDS, REQUESTS, tally, verb

# The library's own registry would add this process's memory and garbage collection to the sums.
REGISTRY = CollectorRegistry()
# `Counted` shows both as one histogram.
WITHIN, SECONDS = "stash_answered_within", "stash_answered_seconds"
BOUNDS = (*(str(bound / 1000) for bound in BOUNDS_MS), "+Inf")

requests = Counter("stash_requests", "Requests, by verb and status.", ["verb", "status"], registry=REGISTRY)
events = Counter(
    "stash_events", "What became of requests, by the log's name for it.", ["event"], registry=REGISTRY
)
payload = Counter(
    "stash_payload_bytes", "Bytes of data kept (in) and recalled (out).", ["direction"], registry=REGISTRY
)
within = Counter(WITHIN, "A bucket of stash_request_seconds.", ["verb", "le"], registry=REGISTRY)
seconds = Counter(SECONDS, "The sum of stash_request_seconds.", ["verb"], registry=REGISTRY)
bodies = Gauge(
    "stash_body_bytes_in_flight",
    "Bytes of large bodies that are held at the moment.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)


def write() -> None:
    """Add what this process has counted since the last call to the shared counters."""
    rows = tally.take() if tally else {}
    for (method, route, event, status), row in rows.items():
        name = verb(method, route)
        requests.labels(name, status).inc(row[REQUESTS])
        events.labels(event).inc(row[REQUESTS])
        payload.labels("in").inc(row[BYTES_IN])
        payload.labels("out").inc(row[BYTES_OUT])
        seconds.labels(name).inc(row[MILLISECONDS] / 1000)
        for bound, number in zip(BOUNDS, row[FIRST_BUCKET:], strict=True):
            within.labels(name, bound).inc(number)
    bodies.set(in_flight.held)


class Counted(Collector):
    """Collects `source`, with the buckets of each verb as one histogram.

    The library's own histogram takes one observation at a time.
    """

    def __init__(self, source: Collector) -> None:
        self.source = source

    def collect(self) -> Iterator[Metric]:
        """Yield each family of `source`, with the histogram in the place of its parts."""
        found = {family.name: family for family in self.source.collect()}
        within, seconds = found.pop(WITHIN, None), found.pop(SECONDS, None)
        yield from found.values()
        if within and seconds:
            yield histogram(within, seconds)


def histogram(within: Metric, seconds: Metric) -> Metric:
    """Build `stash_request_seconds`, by verb."""
    buckets: dict[str, dict[str, float]] = {}
    for labels, number in totals(within):
        buckets.setdefault(labels["verb"], {})[labels["le"]] = number
    sums = {labels["verb"]: number for labels, number in totals(seconds)}
    family = HistogramMetricFamily(
        "stash_request_seconds", "From a request's head to its answer, by verb.", labels=["verb"]
    )
    for name, counted in buckets.items():
        running = accumulate(counted.get(bound, 0.0) for bound in BOUNDS)
        family.add_metric([name], buckets=list(zip(BOUNDS, running, strict=True)), sum_value=sums[name])
    return family


def totals(family: Metric) -> Iterable[tuple[dict[str, str], float]]:
    """Return a counter's totals, without the times of their creation."""
    return ((sample.labels, sample.value) for sample in family.samples if sample.name.endswith("_total"))
