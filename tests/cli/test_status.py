"""`stash status`: which backend, what chose it, where it is, what lives there; never a key or a password."""

from pathlib import Path

from tests.cli.command import Command
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.process import free_port


def test_on_a_new_machine_it_makes_nothing(stash: Command, tmp_path: Path) -> None:
    document = stash("status").document

    assert document == {
        "backend": "sqlite",
        "chosen_by": "default",
        "address": str(tmp_path / "home" / "memories.db"),
        "memories": 0,
        "bytes": 0,
        "notes": ["The file does not exist yet; the first `stash set` makes it."],
    }
    assert not (tmp_path / "home").exists()


def test_a_file_is_counted(stash: Command, tmp_path: Path) -> None:
    path = str(tmp_path / "own.db")
    stash("set", "a", "[1]", "--path", path)

    document = stash("status", "--path", path).document

    assert (document["chosen_by"], document["address"]) == ("--path", path)
    assert (document["memories"], document["bytes"], document["notes"]) == (1, 3, [])


def test_people_read_lines(stash: Command, tmp_path: Path) -> None:
    stash("set", "a", '"' + "x" * 2046 + '"')

    said = stash.on_terminal("status", NO_COLOR="1").out

    assert said.splitlines() == [
        "backend    sqlite",
        "chosen by  default",
        f"file       {tmp_path / 'home' / 'memories.db'}",
        "lives      1 memory, 2 KB",
    ]


def test_redis_is_shown_without_its_password(stash: Command) -> None:
    url = shared.redis_server().url

    document = stash("status", STASH_BACKEND="redis", REDIS_URL=url).document
    secret = stash("status", "--redis-url", f"redis://ada:hunter2@127.0.0.1:{free_port()}/0")

    assert (document["backend"], document["chosen_by"], document["address"]) == (
        "redis",
        "STASH_BACKEND",
        url,
    )
    assert document["memories"] >= 0
    assert secret.code == 3
    assert secret.document["chosen_by"] == "--redis-url"
    assert secret.document["memories"] is None
    assert "hunter2" not in secret.out + secret.err


def test_a_server_tells_whose_memories_they_are(stash: Command, server: ServerProcess) -> None:
    done = stash("status", STASH_API_KEY=server.key, STASH_URL=server.url)
    given = stash("status", "--url", server.url, "--api-key", server.key)

    document = done.document
    assert (document["backend"], document["chosen_by"]) == ("hosted", "STASH_API_KEY")
    assert (document["address"], document["key_from"]) == (server.url, "STASH_API_KEY")
    assert (document["user_id"], document["tier"]) == ("usr_local", "local")
    assert document["memories"] >= 0
    assert document["bytes"] >= 0
    assert (given.document["chosen_by"], given.document["key_from"]) == ("--api-key", "--api-key")
    assert server.key not in done.out + given.out


def test_a_server_that_does_not_answer_is_exit_code_3_with_what_is_known(stash: Command) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = stash("status", STASH_API_KEY="sk_local_x", STASH_URL=url)

    assert done.code == 3
    assert done.document["address"] == url
    assert done.document["memories"] is None
    assert done.err.startswith(f"stash: {url} cannot be reached")


def test_the_memory_backend_is_said_to_be_nobodys(stash: Command) -> None:
    document = stash("status", STASH_BACKEND="memory").document

    assert (document["backend"], document["chosen_by"]) == ("memory", "STASH_BACKEND")
    assert document["notes"] == ["The memory backend ends with its process, so no command can share it."]


def test_variables_that_choose_nothing_are_noted(stash: Command) -> None:
    notes = stash("status", STASH_URL="https://stash.example", REDIS_URL="redis://localhost").document[
        "notes"
    ]

    assert "STASH_URL chooses nothing without STASH_API_KEY." in notes
    assert "REDIS_URL chooses nothing; STASH_BACKEND=redis does." in notes
