"""The Dockerfile builds, and its image does what `docker run` promises; built by deploy/build-without-docker."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.proof.image.container import ROOT, Container
from tests.servers import shared
from tests.servers.process import free_port, wait_until
from tests.servers.redis_server import RedisServer

KEY = re.compile(r"sk_local_\w+")
TOOLS = ("buildah", "debootstrap", "unshare")


@pytest.fixture(scope="module")
def built() -> tuple[Path, Path]:
    """The image's root, and its configuration."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking or os.geteuid():
        pytest.skip(f"the image is built by root, with {' and '.join(TOOLS)}; missing: {lacking or 'root'}")
    folder = ROOT / "build/image"
    done = subprocess.run(
        [ROOT / "deploy/build-without-docker", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.split()[-1]), folder / "image.json"


@pytest.fixture
def container(built: tuple[Path, Path], tmp_path: Path) -> Iterator[Callable[..., Container]]:
    made: list[Container] = []

    def make(**variables: str) -> Container:
        # Nobody's rights reach a volume only where each folder above lets them through.
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
            folder.chmod(0o755)
        made.append(Container(*built, tmp_path / "data", tmp_path / f"log{len(made)}", **variables))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.process.kill()


def listening(container: Container, port: int, times: int = 1) -> Callable[[], bool]:
    def is_() -> bool:
        assert container.process is not None
        assert container.process.poll() is None, container.log.read_text()
        return container.log.read_text().count(f"Stash listens on http://127.0.0.1:{port}") == times

    return is_


def test_a_container_serves_shows_its_key_once_and_keeps_what_it_was_given(
    container: Callable[..., Container],
) -> None:
    port = free_port()
    # The host's network is the container's here; `-p` would choose the port.
    stash = container(STASH_PORT=str(port))
    stash.start()
    wait_until(listening(stash, port), seconds=60)
    [key] = set(KEY.findall(stash.log.read_text()))

    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-KEY": key}, timeout=30) as client:
        memory_id = client.post("/stash", json={"data": {"task": "summarize"}, "ttl": 600}).json()[
            "memory_id"
        ]
        assert client.get(f"/recall/{memory_id}").json()["data"] == {"task": "summarize"}
        large = client.put("/stash/large", json={"data": "x" * 1_000_000})
        assert large.status_code == 201

    # Its own health check, as the image has it, is what an engine would ask every few seconds.
    program, *check = stash.config["Healthcheck"]["Test"][1:]
    assert program == "stash"
    healthy = stash.says(*check)
    assert (healthy.returncode, json.loads(healthy.stdout)) == (0, {"status": "ok"})
    assert stash.says("key").stdout.strip() == key
    other = stash.says("createkey", "ada@example.com", "--tier", "pro")
    assert other.stdout.startswith("sk_live_"), other.stderr

    code, seconds = stash.stop()
    assert (code, seconds < 10) == (0, True)
    assert stash.says(*check).returncode == 3

    stash.start()
    wait_until(listening(stash, port, times=2), seconds=60)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-KEY": key}, timeout=30) as client:
        assert client.get(f"/recall/{memory_id}").json()["data"] == {"task": "summarize"}
        assert client.get("/recall/large").status_code == 200
        client.headers["X-API-KEY"] = other.stdout.strip()
        assert client.get("/whoami").json()["tier"] == "pro"
    assert stash.stop()[0] == 0
    # Twice in the first banner: by itself, and in its curl line.
    assert KEY.findall(stash.log.read_text()) == [key, key]
    print(
        "built; the key was shown at the first start alone; memories outlived the container; SIGTERM:",
        f"{seconds:.1f} s",
    )


def test_it_is_nobody_and_its_root_cannot_be_written(
    container: Callable[..., Container], built: tuple[Path, Path]
) -> None:
    stash = container()
    stash.config["Entrypoint"] = ["python"]
    tried = "for p in ('/x', '/opt/stash/x', '/tmp/x'):\n try: open(p, 'w')\n except OSError as e: print(p, e.strerror)"
    done = stash.says("-c", f"import os\nprint(os.getuid(), os.getgid())\n{tried}\nopen('/data/x', 'w')")

    assert done.stdout.splitlines() == [
        "10001 10001",
        "/x Read-only file system",
        "/opt/stash/x Read-only file system",
        "/tmp/x Read-only file system",
    ]
    assert not list((built[0] / "opt/stash/bin").glob("pip*"))


def test_what_hosted_mode_lacks_is_said_in_a_sentence(container: Callable[..., Container]) -> None:
    for part in ("serve", "worker", "beat", "migrate"):
        done = container(STASH_MODE="hosted").says(part)
        assert done.returncode != 0
        assert "SECRET_KEY is required but not set." in done.stderr
        assert "Traceback" not in done.stderr


def test_the_hosted_services_parts_run_from_it(container: Callable[..., Container]) -> None:
    """`serve`, `worker` and `beat` beside PostgreSQL and Redis, with a key that `createkey` makes."""
    broker, pools = RedisServer(), {tier: RedisServer() for tier in ("free", "pro", "enterprise")}
    settings = {
        "STASH_MODE": "hosted",
        "SECRET_KEY": "a secret of these tests alone, and long enough to be one: 0123456789",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": broker.url,
        "STASH_PORT": str(free_port()),
        "STASH_METRICS_TOKEN": "a token of these tests alone",
        **{f"REDIS_URL_{tier.upper()}": pool.url for tier, pool in pools.items()},
    }
    parts = [container(**settings) for _ in range(3)]
    web = parts[0]
    try:
        assert web.says("migrate").returncode == 0
        for part, command in zip(parts, ("serve", "worker", "beat"), strict=True):
            part.start(command)
        wait_until(lambda: "Stash listens on" in web.log.read_text(), seconds=60)
        key = web.says("createkey", "ada@example.com", "--tier", "pro").stdout.strip()
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{settings['STASH_PORT']}", headers={"X-API-KEY": key}, timeout=30
        ) as client:
            memory_id = client.post("/stash", json={"data": 1}).json()["memory_id"]
            assert client.get(f"/recall/{memory_id}").json()["data"] == 1
            page = client.get("/static/memories/docs.css", headers={"X-Forwarded-Proto": "https"})
            assert page.status_code == 200
            token = {"Authorization": f"Bearer {settings['STASH_METRICS_TOKEN']}"}
            assert 'verb="recall"' in client.get("/metrics", headers=token).text
        for part in ("worker", "beat"):
            wait_until(lambda part=part: web.says("health", part).returncode == 0, seconds=90)
        codes = [part.stop()[0] for part in parts]
        assert codes == [0, 0, 0], "".join(part.log.read_text() for part in parts)
        assert not list(web.data.iterdir())
    finally:
        for server in (broker, *pools.values()):
            server.stop()
