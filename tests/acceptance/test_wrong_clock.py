"""The server's machine has its clock an hour off: expiry goes by the clock of Redis or PostgreSQL all the same."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.server_process import ServerProcess
from tests.servers import shared

# Python runs it at its start, before anything else.
WRONG_CLOCK = """
import time
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + {off}
time.time_ns = lambda: _time_ns() + {off} * 10**9
"""


def redis() -> dict[str, str]:
    return {"STASH_BACKEND": "redis", "REDIS_URL": shared.redis_server().url}


def postgresql() -> dict[str, str]:
    return {"STASH_BACKEND": "database", "DATABASE_URL": shared.postgres_server().create_database()}


@pytest.mark.parametrize("off", [3600, -3600], ids=["fast", "slow"])
@pytest.mark.parametrize("store", [redis, postgresql])
def test_a_memory_lives_as_long_as_it_was_told_to(
    own_server: Callable[..., ServerProcess], tmp_path: Path, store: Callable[[], dict[str, str]], off: int
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WRONG_CLOCK.format(off=off))
    server = own_server(PYTHONPATH=str(tmp_path), **store())
    with server.client() as local:
        began = time.time()
        memory = local.post("/stash", json={"data": "brief", "ttl": 2}).json()
        after = time.time()
        expires_at = datetime.fromisoformat(memory["expires_at"]).timestamp()
        assert began + 1 <= expires_at <= after + 2, "rounded down, and by the store's clock"
        recalled = local.get(f"/recall/{memory['memory_id']}")
        assert (recalled.status_code, recalled.json()["ttl_remaining"] in (1, 2)) == (200, True)
        longer = local.post("/stash", json={"data": "longer", "ttl": 60}).json()
        while time.time() < after + 2.05:
            time.sleep(0.05)

        assert local.get(f"/recall/{memory['memory_id']}").status_code == 410
        assert 50 < local.get(f"/recall/{longer['memory_id']}").json()["ttl_remaining"] <= 60

    logged = datetime.fromisoformat(server.lines[-1]["timestamp"]).timestamp()
    assert abs(abs(logged - time.time()) - 3600) < 60, "the server's own clock was an hour off indeed"
