"""Settings of a server: the good ones are obeyed, and a bad one stops the start with a sentence."""

import os
import socket
from pathlib import Path

import pytest

from tests.acceptance.stash_command import stash_command

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

    assert done.returncode == 2
    assert done.stderr.startswith(f"stash: {name} must be ")
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "value", "sentence"), BAD_SETTINGS)
def test_a_bad_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    done = stash_command("serve", home=tmp_path / "home", **{"STASH_PORT": "0"} | {name: value})

    assert done.returncode == 2
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

    assert done.returncode == 2
    assert done.stderr.strip() == "stash: SECRET_KEY is required but not set."


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


def test_a_redis_that_a_flag_names_is_the_one_that_is_used(tmp_path: Path) -> None:
    done = stash_command("serve", "--port", "0", "--redis-url", "redis://127.0.0.1:1", home=tmp_path / "home")

    assert done.returncode == 3
    assert "Redis at 127.0.0.1:1" in done.stderr
