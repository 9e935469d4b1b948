"""`make bench`: starts everything itself, measures in rounds, prints medians and ratios, and keeps them."""

import argparse
import os
import sys
import time

from benchmarks.hot_path import report
from benchmarks.hot_path.bars import AGAIN, verdicts
from benchmarks.hot_path.call import WrongAnswer, ask
from benchmarks.hot_path.contestant import Contestant, clean_environment
from benchmarks.hot_path.counts import counts
from benchmarks.hot_path.cpu import TooFewCores, pinned, resident_bytes, two_cores
from benchmarks.hot_path.heat import CONNECTIONS, Results, run_rounds
from benchmarks.hot_path.job import BATCH_300, GET_300, POST_300, SINGLES
from benchmarks.hot_path.machine import machine
from benchmarks.hot_path.peers import FastApi, FastApiInOnePipeline, Hello, RawWsgi, Webdis
from benchmarks.hot_path.slow_bodies import beside_slow_bodies
from benchmarks.hot_path.stash import (
    Stash,
    StashInSilence,
    StashOnGranian,
    StashOnSqlite,
    StashWithTwoWorkers,
)
from tests.servers.redis_server import RedisServer


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short round, kept nowhere: does it run at all?"
    )
    parser.add_argument("--rounds", type=int, help="how often each contestant does each job (5)")
    parser.add_argument("--seconds", type=float, help="how long each time (1.5)")
    parser.add_argument("--output", help="its name in benchmarks/results/ (hot-path; with --quick none)")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 5)
    chosen.seconds = chosen.seconds or (0.5 if chosen.quick else 1.5)
    chosen.output = chosen.output or (None if chosen.quick else "hot-path")
    return chosen


def say(text: str) -> None:
    """Progress, apart from the report."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def started(core: int, url: str) -> list[Contestant]:
    """All contestants, on the server's core."""
    kinds = [Stash, StashOnSqlite, StashInSilence, StashWithTwoWorkers, StashOnGranian]
    kinds += [FastApi, FastApiInOnePipeline, RawWsgi]  # type: ignore[list-item]
    if Webdis.is_there():
        kinds.append(Webdis)  # type: ignore[arg-type]
    else:
        say("webdis is not on PATH: left out")
    found: list[Contestant] = []
    with pinned(core):
        for kind in kinds:
            say(f"starting {kind.name}")
            found.append(kind(url))
        found.append(Hello())
    return found


def has_batch(stash: Stash) -> bool:
    """Whether this Stash has `POST /batch`."""
    status, _ = ask(stash.port, "POST", "/batch", stash.key, b"{}")
    return status not in (404, 405)


def measured(contestants: list[Contestant], server: RedisServer, rounds: int, seconds: float) -> Results:
    """The heats of all."""
    sides = (StashInSilence, StashWithTwoWorkers)
    main = [one for one in contestants if not isinstance(one, sides)]
    results = run_rounds(main, SINGLES, server, rounds=rounds, seconds=seconds, say=say)
    # Beside the same Stash again, in rounds of their own, and more of them: a difference of 7 % needs that.
    stash = contestants[0]
    assert isinstance(stash, Stash)
    beside = [stash, *(one for one in contestants if isinstance(one, sides))]
    closely = run_rounds(beside, (GET_300, POST_300), server, rounds=2 * rounds - 1, seconds=seconds, say=say)
    for (name, job), heats in closely.items():
        results[AGAIN if name == stash.name else name, job] = heats
    if has_batch(stash):
        results |= run_rounds([stash], (BATCH_300,), server, rounds=rounds, seconds=seconds, say=say)
    else:
        say("this Stash has no POST /batch: left out")
    return results


def main() -> None:
    """The whole run."""
    chosen = options()
    clean_environment()
    server_core, other_core = two_cores()
    os.sched_setaffinity(0, {other_core})
    server = RedisServer()
    contestants = started(server_core, server.url)
    stash = contestants[0]
    assert isinstance(stash, Stash)
    idle = {one.name: resident_bytes(one.pid) for one in contestants}
    results = measured(contestants, server, chosen.rounds, chosen.seconds)
    judged = [*verdicts(results), *counts(stash, server)]
    notes = [beside_slow_bodies(one) for one in contestants if one.name in ("stash", "stash-granian")]
    notes += [
        f"{one.name}: {idle[one.name] >> 20} MB of memory when it had started, "
        f"{resident_bytes(one.pid) >> 20} MB after all this."
        for one in contestants
    ]
    how = (
        f"{chosen.rounds} rounds of {chosen.seconds:g} s for each contestant and job, {CONNECTIONS} keep-alive "
        f"connections; all servers on core {server_core}, the load generator and Redis on core {other_core}. "
        "Rates are memories for each second of the server's own processor time."
    )
    about = machine()
    text = report.markdown(about, how, results, judged, notes)
    print(text)
    if chosen.output:
        say(f"kept in benchmarks/results/{report.keep(chosen.output, text, about, results, judged).name}")
    for one in contestants:
        one.stop()
    server.stop()


if __name__ == "__main__":
    try:
        main()
    except (TooFewCores, WrongAnswer) as error:
        sys.exit(f"bench: {error}")
