"""Contestants in turn, round after round, so that a machine whose speed drifts is as slow for all of them."""

import statistics
import time
from collections.abc import Callable, Mapping

Job = Callable[[], None]


def interleaved(
    jobs: Mapping[str, Job], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median seconds of each job over `rounds` in which they take turns, after one round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            began = clock()
            job()
            if number:
                times[name].append(clock() - began)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def show(
    title: str,
    seconds: Mapping[str, float],
    *,
    each: int,
    ours: str,
    bars: Mapping[str, float],
    floor: str | None = None,
) -> None:
    """Prints microseconds for each, and how many times as fast as a peer ours is, beside its bar.

    `floor` names the one that does nothing but what all of them have to: a bar below it is out of anyone's reach.
    """
    print(f"\n{title}")
    for name, value in seconds.items():
        print(f"  {name:<24} {value / each * 1e6:10.1f} us")
    for peer, bar in bars.items():
        ratio = seconds[peer] / seconds[ours]
        verdict = "reached" if ratio >= bar else "NOT REACHED"
        print(f"  {ours} is {ratio:.2f} x {peer} (bar {bar:.3g}: {verdict})")
        if floor is not None and seconds[floor] > seconds[peer] / bar:
            wanted, least = (value / each * 1e6 for value in (seconds[peer] / bar, seconds[floor]))
            print(f"  which would be {wanted:.1f} us, and {floor} alone takes {least:.1f}: out of reach")


def show_stall(title: str, longest_ms: float, bar_ms: float) -> None:
    """Prints the longest wait beside its bar."""
    verdict = "reached" if longest_ms <= bar_ms else "NOT REACHED"
    print(f"\n{title}: {longest_ms:.1f} ms (bar {bar_ms:.0f}: {verdict})")
