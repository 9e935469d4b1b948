"""`make soak`: 64 clients for 60 s, every answer checked against what was written. Part of `make proof` too."""

from pathlib import Path

import pytest

from tests.every_engine.cast import troupe_of
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.soak.load import soak

CLIENTS, SECONDS, USERS = 64, 60, 16
MB = 1_048_576
# Between warm-up and end the workers answer some 20,000 requests: a leak of 1 KB in each would be 20 MB. What the
# allocators of two workers hold back from large bodies swings by half of that.
GROWTH = 20 * MB


@pytest.mark.parametrize("engine", ["sqlite", "redis"])
def test_a_minute_of_64_clients_loses_nothing_fails_nothing_and_leaks_nothing(
    tmp_path: Path, engine: str
) -> None:
    server = ServerProcess(tmp_path, "--workers", "2", **shared.settings_of(engine)).start()
    try:
        keys = [member.key for member in troupe_of(server)["enterprise"]][:USERS]
        report = soak(server, keys, CLIENTS, SECONDS)
    finally:
        server.stop()
    requests = sum(report.done.values())
    print(
        f"\n{engine}: {requests:,} requests, all accounted for; the longest took {report.longest:.1f} s; workers had "
        f"{report.warm / MB:.0f} MB after warm-up and {report.end / MB:.0f} MB at the end; {dict(report.done)}"
    )

    assert "Traceback" not in server.out + server.err
    assert report.end - report.warm < GROWTH
