"""Many processes of many threads that count on one key, each change on top of another's."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from stash_memory import Stash


def hammered(path: Path, processes: int, threads: int, seconds: float) -> tuple[int, int, float]:
    """Lets them hammer the file; returns the count that is kept, the sum of their changes, and the longest one.

    Raises what any of them raised.
    """
    with Stash(path=path) as stash:
        stash.set("count", 0)
    command = [sys.executable, "-m", __name__, str(path), str(threads), str(seconds)]
    children = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(processes)
    ]
    outcomes = [child.communicate() for child in children]
    for child, (_, said) in zip(children, outcomes, strict=True):
        if child.returncode:
            raise RuntimeError(said.decode())
    told = [json.loads(out) for out, _ in outcomes]
    with Stash(path=path) as stash:
        kept: int = stash.get("count")
    return kept, sum(one["changes"] for one in told), max(one["longest"] for one in told)


def hammer(path: str, threads: int, seconds: float) -> dict[str, float]:
    """One process's part."""
    changes, longest, failed = [0] * threads, [0.0] * threads, []
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        try:
            while (began := time.monotonic()) < until:
                stash.transform("count", lambda count: count + 1)
                changes[number] += 1
                longest[number] = max(longest[number], time.monotonic() - began)
        except BaseException as error:
            failed.append(error)

    with Stash(path=path) as stash:
        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    if failed:
        raise failed[0]
    return {"changes": sum(changes), "longest": max(longest)}


if __name__ == "__main__":
    print(json.dumps(hammer(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))  # noqa: T201
