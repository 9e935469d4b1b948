"""`stash serve` in local mode: from nothing, through restarts and kills."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.server_process import ServerProcess, clean_environment

FOUNDING_DOCUMENT = [
    """curl -sS -X POST {url}/stash -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{ "data": {{"task": "summarize", "context": "..."}}, "ttl": 3600 }}'""",
    """curl -sS {url}/recall/{id} -H "X-API-KEY: {key}" """,
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"data": {{"task": "summarize", "progress": 0.75}}}}'""",
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"extra_seconds": 1800}}'""",
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"data": {{"task": "summarize", "progress": 1.0}}, "extra_seconds": 3600}}'""",
    """curl -sS -o /dev/null -w "%{{http_code}}" -X DELETE {url}/forget/{id} -H "X-API-KEY: {key}" """,
]


def stash_command(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stash_memory", *arguments],
        env=clean_environment(STASH_HOME=str(home), **settings),
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_founding_documents_own_curl_lines_work(server: ServerProcess) -> None:
    import json

    memory_id, said = "", []
    for line in FOUNDING_DOCUMENT:
        command = line.format(url=server.url, key=server.key, id=memory_id)
        said.append(subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout)
        memory_id = memory_id or json.loads(said[0])["memory_id"]
    stashed, recalled, *updated = (json.loads(text) for text in said[:-1])

    assert stashed["ttl"] == 3600
    assert recalled["data"] == {"task": "summarize", "context": "..."}
    for answer, ttl in zip(updated, (3600, 5400, 9000), strict=True):
        assert ttl - 30 <= answer["ttl_remaining"] <= ttl
    assert said[-1] == "204"


def test_the_banner_shows_the_key_and_a_curl_line_that_works(own_server) -> None:
    server = own_server()
    curl = next(line.strip() for line in server.err.splitlines() if line.strip().startswith("curl "))

    said = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True).stdout

    assert '"memory_id"' in said
    assert server.key.startswith("sk_local_")
    assert server.err.count(server.key) == 2
    assert server.key not in server.out


def test_nobody_else_can_read_the_state(own_server) -> None:
    server = own_server()
    with server.client() as local:
        local.post("/stash", json={"data": 1})

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in server.home.iterdir()}
    assert modes["local_key"] == modes["secret_key"] == 0o600
    assert modes["memories.db"] == 0o600
    assert modes["site.db"] == 0o600


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    stash_command("manage", "migrate", home=tmp_path / "made")

    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700


def test_stash_key_prints_the_key_again(own_server) -> None:
    server = own_server()

    assert stash_command("key", home=server.home).stdout.strip() == server.key


def test_stash_key_says_where_a_key_would_come_from(tmp_path: Path) -> None:
    done = stash_command("key", home=tmp_path / "nothing")

    assert done.returncode == 1
    assert done.stderr.strip().endswith("`stash serve` makes one.")


def test_data_and_key_survive_a_restart(own_server) -> None:
    server = own_server()
    key = server.key
    with server.client() as local:
        memory_id = local.post("/stash", json={"data": "kept"}).json()["memory_id"]
    assert server.stop() == 0

    server.restart()

    assert server.key == key
    with server.client() as local:
        assert local.get(f"/recall/{memory_id}").json()["data"] == "kept"


def test_five_hundred_acknowledged_writes_survive_a_kill(own_server) -> None:
    server = own_server("--workers", "2")
    with server.client() as local:
        kept = {local.post("/stash", json={"data": n}).json()["memory_id"]: n for n in range(500)}
    server.kill()

    server.restart()

    with server.client() as local:
        assert {memory_id: local.get(f"/recall/{memory_id}").json()["data"] for memory_id in kept} == kept


def test_a_request_under_way_is_answered_before_the_server_stops(own_server) -> None:
    from tests.raw_http import connect, head, read_answer

    server = own_server()
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=11) + b'{"data"')
        time.sleep(0.3)
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(b": 1}")

        assert read_answer(connection).status == 201
    assert server.stop() == 0


def test_two_servers_on_one_home_share_memories_and_revocations(own_server) -> None:
    first = own_server()
    second = own_server(home=first.home)
    key = first.create_key("bob@example.com", "--tier", "enterprise")
    with first.client(key) as here, second.client(key) as there:
        memory_id = here.post("/stash", json={"data": "shared"}).json()["memory_id"]
        assert there.get(f"/recall/{memory_id}").json()["data"] == "shared"

        here.get("/recall/x")
        code = (
            "from accounts.models import ApiKey; ApiKey.objects.get(user__email='bob@example.com').revoke()"
        )
        first.manage("shell", "-v", "0", "-c", code)
        time.sleep(1)

        assert here.get(f"/recall/{memory_id}").status_code == 401
        assert there.get(f"/recall/{memory_id}").status_code == 401


def test_a_suspended_users_keys_are_refused(own_server) -> None:
    server = own_server()
    key = server.create_key("bob@example.com")
    suspend = "from accounts.models import User; User.objects.filter(email='bob@example.com').update(is_active=False)"
    server.manage("shell", "-v", "0", "-c", suspend)

    with server.client(key) as bob:
        assert bob.get("/recall/x").status_code == 401


def test_an_expired_key_is_refused(own_server) -> None:
    server = own_server()
    key = server.create_key("bob@example.com", "--expires", "2")
    with server.client(key) as bob:
        assert bob.get("/recall/x").status_code == 404
        time.sleep(2)
        assert bob.get("/recall/x").status_code == 401


def test_reload_serves_the_code_as_it_now_is(own_server, tmp_path: Path) -> None:
    """A copy of the checkout is changed under a running server."""
    import shutil

    checkout = Path(__file__).parent.parent.parent
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("accounts", "memories", "stash_site", "stash_memory", "templates", "manage.py"):
        source = checkout / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    server = own_server("--reload", PYTHONPATH=str(copy))
    errors = copy / "stash_memory" / "errors.py"
    time.sleep(1)
    errors.write_text(errors.read_text().replace("it was forgotten, or never was", "it was changed on disk"))

    deadline = time.monotonic() + 20
    detail = ""
    while "changed on disk" not in detail and time.monotonic() < deadline:
        try:
            with server.client() as local:
                detail = local.get("/recall/x").json()["detail"]
        except httpx2.TransportError:
            pass
        time.sleep(0.2)

    assert "changed on disk" in detail


BAD_SETTINGS = [
    ("STASH_PORT", "http", "STASH_PORT is 'http'; it must be a whole number, from 0 to 65535."),
    ("STASH_WORKERS", "0", "STASH_WORKERS is '0'; it must be a whole number, from 1 to 256."),
    (
        "STASH_BACKEND",
        "mongo",
        "STASH_BACKEND is 'mongo'; it must be one of: memory, sqlite, redis, database.",
    ),
    ("STASH_MODE", "cloud", "STASH_MODE is 'cloud'; it must be one of: local, hosted."),
    ("STASH_DEFAULT_TTL", "1h", "STASH_DEFAULT_TTL is '1h'; it must be a whole number, from 1 to 86400."),
    ("STASH_USAGE", "maybe", "STASH_USAGE is 'maybe'; it must be one of: on, off."),
    ("STASH_LOG_LEVEL", "loud", "STASH_LOG_LEVEL is 'loud'; it must be one of: DEBUG, INFO, WARNING, ERROR."),
]


@pytest.mark.parametrize(
    ("name", "value"), [("REDIS_URL", "http://u:hunter2@h"), ("DATABASE_URL", "mysql://u:hunter2@h/n")]
)
def test_a_bad_url_is_told_without_its_password(tmp_path: Path, name: str, value: str) -> None:
    done = stash_command("serve", home=tmp_path / "home", **{"STASH_PORT": "0", name: value})

    assert done.returncode != 0
    assert done.stderr.startswith(f"stash: {name} must be ")
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "value", "sentence"), BAD_SETTINGS)
def test_a_bad_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = stash_command("serve", home=tmp_path / "home", **{"STASH_PORT": "0"} | {name: value})

    assert done.returncode != 0
    assert done.stderr.strip() == f"stash: {sentence}"


def test_the_memory_backend_refuses_a_second_worker(tmp_path: Path) -> None:
    done = stash_command(
        "serve", "--backend", "memory", "--workers", "2", "--port", "0", home=tmp_path / "home"
    )

    assert done.returncode == 2
    assert done.stderr.startswith(
        "stash: The memory backend lives in one process, and 2 workers were asked for"
    )


def test_a_port_in_use_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = stash_command("serve", "--port", str(port), home=tmp_path / "home")

    assert done.returncode == 2
    assert done.stderr.startswith(f"stash: Cannot listen on 127.0.0.1 port {port} (Address already in use)")


def test_hosted_mode_says_what_it_lacks(tmp_path: Path) -> None:
    done = stash_command("manage", "check", home=tmp_path / "home", STASH_MODE="hosted")

    assert done.returncode != 0
    assert done.stderr.strip() == "stash: SECRET_KEY is not set, and it must be."


def test_the_limits_of_local_mode_are_settings(own_server) -> None:
    server = own_server(STASH_MAX_TTL="60", STASH_DEFAULT_TTL="30", STASH_MAX_PAYLOAD_BYTES="100")
    with server.client() as local:
        assert local.post("/stash", json={"data": 1}).json()["ttl"] == 30
        assert "60 seconds" in local.post("/stash", json={"data": 1, "ttl": 61}).json()["detail"]
        assert local.post("/stash", json={"data": "x" * 99}).status_code == 413


def test_a_dotenv_file_in_the_working_folder_is_read(own_server, tmp_path: Path) -> None:
    home = tmp_path / "dotenv"
    home.mkdir()
    (home / ".env").write_text("STASH_DEFAULT_TTL=77\n")
    server = own_server(home=home)

    with server.client() as local:
        assert local.post("/stash", json={"data": 1}).json()["ttl"] == 77


def test_no_leftover_environment_of_a_client_reaches_the_server(own_server) -> None:
    server = own_server(STASH_API_KEY="sk_live_of_somebody")
    assert server.process is not None
    environment = Path(f"/proc/{server.process.pid}/environ")
    if not environment.exists():
        assert os.name == "posix"
        return

    assert b"sk_live_of_somebody" not in environment.read_bytes()
