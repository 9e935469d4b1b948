"""Hosted mode: PostgreSQL, Redis, and a start that refuses to be half configured."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.stash_command import stash_command
from tests.server_process import ServerProcess
from tests.servers import shared

COMPLETE = {
    "STASH_MODE": "hosted",
    "SECRET_KEY": "a secret of this test alone, and long enough to be one: 0123456789",
    "DATABASE_URL": "postgres://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost:1",
    "ALLOWED_HOSTS": "stash.example, localhost",
}


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_it_names_the_first_setting_that_it_lacks(tmp_path: Path, name: str) -> None:
    settings = {key: value for key, value in COMPLETE.items() if key != name}

    done = stash_command("manage", "check", home=tmp_path, **settings)

    assert done.returncode == 2
    assert done.stderr.strip() == f"stash: {name} is required but not set."


def test_a_hosted_service_keeps_memories_in_redis_and_shows_no_key(
    own_server: Callable[..., ServerProcess],
) -> None:
    settings = COMPLETE | {
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": shared.redis_server().url,
    }
    server = own_server("--workers", "2", **settings)
    key = server.manage("createkey", "ada@example.com", "--tier", "pro")
    with server.client(key) as ada:
        memory_id = ada.post("/stash", json={"data": "hosted"}).json()["memory_id"]
        assert ada.get(f"/recall/{memory_id}").json()["data"] == "hosted"
        assert ada.get("/health/ready").json()["status"] == "ok"
        assert (
            ada.get("/admin/login/", headers={"Host": "stash.example"})
            .headers["location"]
            .startswith("https://")
        )
    server.stop()

    assert key not in server.out + server.err
    assert "sk_" not in server.err


def test_a_hosted_services_docs_come_from_what_collectstatic_gathered(
    own_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    settings = COMPLETE | {
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": shared.redis_server().url,
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    server = own_server(first=("collectstatic", "--noinput"), **settings)
    proxy = {"Host": "stash.example", "X-Forwarded-Proto": "https"}

    with httpx2.Client(base_url=server.url, headers=proxy, timeout=60) as client:
        page = client.get("/docs")
        files = re.findall(r'"(/static/[^"]+)"', page.text)
        found = [client.get(file) for file in files]
        plain = client.get("/docs", headers={"X-Forwarded-Proto": "http"})

        assert "export STASH=https://stash.example " in client.get("/llms.txt").text
        assert client.get("/openapi.json").json()["openapi"] == "3.1.0"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert [answer.status_code for answer in found] == [200] * 4
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://stash.example/docs")
