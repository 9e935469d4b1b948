"""One counter that many processes increment: what `make test` does a little of, and `make proof` all of."""

import json
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.server_process import ServerProcess

PROGRAM = Path(__file__).with_name("incrementer.py")


def assert_increments_add_up(
    server: ServerProcess, key: str, *, processes: int, threads: int, each: int
) -> int:
    """`each` increments by every thread: the sum is exact, no version was given twice, nothing else was answered.

    Returns how often one lost to another, and tried again.
    """
    with server.client(key) as client:
        first = client.put("/stash/counter", json={"data": 0}).headers["ETag"]
        arguments = [server.host, str(server.port), key, "counter", str(threads), str(each)]
        running = [
            subprocess.Popen([sys.executable, "-S", str(PROGRAM), *arguments], stdout=subprocess.PIPE)
            for _ in range(processes)
        ]
        reports = [json.loads(process.communicate()[0]) for process in running]

        assert {status for report in reports for status in report["statuses"]} <= {"200", "412"}
        total = processes * threads * each
        last = client.get("/recall/counter")
        assert last.json()["data"] == total
        versions = [first, *(version for report in reports for version in report["versions"])]
        assert len(versions) == len(set(versions)) == total + 1
        assert last.headers["ETag"] in versions
        return sum(report["statuses"].get("412", 0) for report in reports)


def versions_of(client: httpx2.Client, memory_id: str, lives: int) -> list[str]:
    """The versions of a memory that is put, updated, extended, replaced and forgotten, `lives` times over."""
    seen = []
    for _ in range(lives):
        seen.append(client.put(f"/stash/{memory_id}", json={"data": 1}).headers["ETag"])
        seen.append(client.patch(f"/update/{memory_id}", json={"data": 1}).headers["ETag"])
        assert client.patch(f"/update/{memory_id}", json={"extra_seconds": 1}).headers["ETag"] == seen[-1]
        seen.append(client.put(f"/stash/{memory_id}", json={"data": 1}).headers["ETag"])
        assert client.delete(f"/forget/{memory_id}").status_code == 204
    return seen
