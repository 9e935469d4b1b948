"""What a request costs in round trips and queries: counted, not measured."""

import subprocess
from collections.abc import Iterator

from benchmarks.hot_path.bars import Verdict, exactly
from benchmarks.hot_path.contestant import python
from benchmarks.hot_path.job import GET_300, POST_300, Job
from benchmarks.hot_path.load import Generator
from benchmarks.hot_path.stash import Stash
from tests.servers.redis_server import RedisServer

REQUESTS = 200


def counts(contestant: Stash, server: RedisServer) -> Iterator[Verdict]:
    """Redis round trips of a recall and of a stash on a running server, and SQL queries in a process like it."""
    for job in (GET_300, POST_300):
        what = f"{job.name}, Redis round trips, token bucket included"
        yield exactly(what, round_trips(contestant, job, server), 1)
    yield exactly("GET and POST 300 B, SQL queries with a known key", queries(contestant), 0)


def round_trips(contestant: Stash, job: Job, server: RedisServer) -> float:
    """How often Redis read from a client for each request: a command, or several sent in one go."""
    generator = Generator(contestant.port, contestant.calls(job), 1)
    with server.client() as client:
        generator.run(10, REQUESTS)
        before = client.info("stats")["total_reads_processed"]
        generator.run(60, REQUESTS)
        after = client.info("stats")["total_reads_processed"]
    generator.close()
    # Asking the second time was a read too.
    return round((after - before - 1) / REQUESTS, 2)


def queries(contestant: Stash) -> int:
    """SQL queries of a recall and a stash right after the first request that showed the key."""
    settings = [f"{name}={value}" for name, value in contestant.settings().items()]
    command = ["env", *settings, *python("-m", "benchmarks.hot_path.queries")]
    done = subprocess.run(
        command,
        input=contestant.key,
        cwd=contestant.folder.path,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout.splitlines()[-1])
