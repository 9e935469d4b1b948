"""One contestant at one job for a moment, and all of them in turn, round after round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.hot_path.contestant import Contestant
from benchmarks.hot_path.cpu import cpu_seconds
from benchmarks.hot_path.job import Job
from benchmarks.hot_path.load import Generator
from tests.servers.redis_server import RedisServer

CONNECTIONS = 16
WARM_UP_SECONDS = 0.4


@dataclass(frozen=True)
class Heat:
    """What one window showed. Rates count memories: a batch of 100 is 100 of them."""

    items: int
    seconds: float
    server_cpu_seconds: float
    redis_cpu_seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_cpu_second(self) -> float:
        """Memories for each second of the server's processor time."""
        return self.items / self.server_cpu_seconds

    @property
    def busy(self) -> float:
        """The share of the window that the server computed: far under 1, and the generator was the limit."""
        return self.server_cpu_seconds / self.seconds

    @property
    def redis_us(self) -> float:
        """Redis's own processor time for each memory, in microseconds."""
        return self.redis_cpu_seconds / self.items * 1e6


def run_heat(contestant: Contestant, job: Job, server: RedisServer, seconds: float) -> Heat:
    """Empties the store, puts there what the job needs, warms up, and measures. Raises WrongAnswer."""
    with server.client() as client:
        client.flushall()
    contestant.clear()
    generator = Generator(contestant.port, contestant.calls(job), CONNECTIONS)
    try:
        generator.run(min(WARM_UP_SECONDS, seconds), job.most)
        before = cpu_seconds(contestant.pid), cpu_seconds(server.pid)
        load = generator.run(seconds, job.most)
        after = cpu_seconds(contestant.pid), cpu_seconds(server.pid)
    finally:
        generator.close()
    ordered = sorted(load.latencies)
    return Heat(
        items=load.answers * job.items,
        seconds=load.seconds,
        server_cpu_seconds=max(after[0] - before[0], 0.001),
        redis_cpu_seconds=after[1] - before[1],
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
    )


Results = dict[tuple[str, str], list[Heat]]


def run_rounds(
    contestants: Sequence[Contestant],
    jobs: Sequence[Job],
    server: RedisServer,
    *,
    rounds: int,
    seconds: float,
    say: Callable[[str], None],
) -> Results:
    """The heats of each contestant and job, one for each round; they take turns, and every other round backwards.

    So a machine whose speed drifts is as slow for all of them, and nobody always runs after the same neighbour.
    """
    results: Results = {}
    pairs = [(one, job) for job in jobs for one in contestants if one.takes(job)]
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for one, job in pairs if number % 2 == 0 else reversed(pairs):
            results.setdefault((one.name, job.name), []).append(run_heat(one, job, server, seconds))
    with server.client() as client:
        client.flushall()
    return results
