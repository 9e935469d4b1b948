"""A real Celery worker with beat, and a real Redis as broker, purge rows from the table."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server_process import ServerProcess
from tests.servers import shared

ROOT = Path(__file__).parents[2]
# beat's schedule is a run or two a minute of each task; the test's is one a second.
EVERY_SECOND = """
from stash_site.celery import app
for job in app.conf.beat_schedule.values():
    job["schedule"] = 1.0
"""


@contextmanager
def celery(server: ServerProcess, folder: Path) -> Iterator[None]:
    """A worker with beat in it, in the environment of the server."""
    (folder / "hasty_celery.py").write_text(EVERY_SECOND)
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "hasty_celery",
        "worker",
        "--beat",
        "--concurrency",
        "1",
    ]
    environment = server.environment | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    with (folder / "celery.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def bodies(server: ServerProcess) -> int:
    """Rows with data in them; a row without is the tombstone of one that expired."""
    code = "from storage.models import MemoryRecord as M; print(M.objects.filter(body__isnull=False).count())"
    return int(server.shell(code))


def alive(server: ServerProcess) -> set[str]:
    """The parts that were heard of."""
    code = "from storage.models import Heartbeat as H; print(*H.all_known())"
    return set(server.shell(code).split())


def test_beat_has_a_worker_purge_what_expired(
    own_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    server = own_server(
        STASH_BACKEND="database",
        REDIS_URL=shared.redis_server().url,
        DATABASE_URL=shared.postgres_server().create_database(),
    )
    with server.client() as local:
        for _ in range(5):
            local.post("/stash", json={"data": 1, "ttl": 1})
        kept = local.post("/stash", json={"data": "kept", "ttl": 600}).json()["memory_id"]
    assert bodies(server) == 6
    time.sleep(1)

    with celery(server, tmp_path):
        deadline = time.monotonic() + 60
        while bodies(server) > 1 or alive(server) != {"beat", "worker"}:
            assert time.monotonic() < deadline, (tmp_path / "celery.log").read_text()

    assert '"event":"expired_purged"' in (tmp_path / "celery.log").read_text()
    with server.client() as local:
        assert local.get(f"/recall/{kept}").json()["data"] == "kept"
