"""Compare-and-set, in full: eight processes of eight threads, 5,000 increments. Run by `make proof`."""

from pathlib import Path

import pytest

from tests.every_engine.increments import assert_increments_add_up
from tests.server_process import ServerProcess
from tests.servers import shared

PROCESSES, THREADS, TOTAL = 8, 8, 5_000


@pytest.mark.parametrize("engine", ["sqlite", "redis", "postgres"])
def test_5000_increments_by_8_processes_of_8_threads_add_up(tmp_path: Path, engine: str) -> None:
    server = ServerProcess(tmp_path, "--workers", "2", **shared.settings_of(engine)).start()
    try:
        each, rest = divmod(TOTAL, PROCESSES * THREADS)
        each += rest > 0
        lost = assert_increments_add_up(server, server.key, processes=PROCESSES, threads=THREADS, each=each)
        print(f"\n{engine}: {PROCESSES * THREADS * each:,} increments add up; {lost:,} tries lost to others")
    finally:
        server.stop()
