"""Bad input: one sentence that says what to do, the exit code, and no traceback."""

from pathlib import Path

import pytest

from tests.cli.command import Command, Done
from tests.server_process import ServerProcess
from tests.servers.process import free_port

LONG = "k" * 257

# What is called, what the sentence says.
WRONG_USE: dict[str, tuple[list[str], str]] = {
    "an unknown backend": (["get", "a", "--backend", "floppy"], "choose from 'sqlite', 'redis'"),
    "an unknown command": (["fetch", "a"], "invalid choice: 'fetch'"),
    "no command": ([], "required: COMMAND; see `stash --help`."),
    "no key": (["get"], "required: KEY; see `stash get --help`."),
    "an unknown option": (["get", "a", "--loud"], "unrecognized arguments: --loud"),
    "an option that is cut short": (["set", "a", "1", "--if-abs"], "unrecognized arguments: --if-abs"),
    "a key that is too long": (["set", LONG, "1"], "KEY is 257 bytes long; it may be 1 to 256 bytes"),
    "a long key to get": (["get", LONG], "KEY is 257 bytes long"),
    "an empty key": (["get", ""], "KEY is 0 bytes long"),
    "a key with a dot segment": (["get", "a/../b"], "KEY has a segment"),
    "a TTL that is a word": (
        ["set", "a", "1", "--ttl", "soon"],
        "'soon' is not a time of at least 1 second; write",
    ),
    "a TTL that is a fraction": (["set", "a", "1", "--ttl", "1.5"], "'1.5' is not a time"),
    "a TTL of nothing": (["set", "a", "1", "--ttl", "0"], "'0' is not a time of at least 1 second"),
    "a TTL over the maximum": (["set", "a", "1", "--ttl", "2d"], "over the maximum of 86400 seconds"),
    "a bare word": (["set", "a", "hello"], "such as '\"hello\"'."),
    "quotes that the shell took": (["set", "a", "{step:1}"], "put single quotes around JSON"),
    "Python, not JSON": (["set", "a", "{'a': 1}"], "VALUE is not JSON (expected '\"' (byte 1))"),
    "nothing": (["set", "a", ""], "VALUE is empty"),
    "nothing from a pipe": (["set", "a", "-"], "Standard input is empty"),
    "JSON too deep": (["set", "a", "[" * 5000 + "]" * 5000], "VALUE is nested too deeply"),
    "half a surrogate pair": (["set", "a", '"\\ud800"'], "half of a surrogate pair"),
    "a default that is no JSON": (["get", "a", "--default", "no"], "--default is not JSON"),
    "a value over the limit": (
        ["set", "a", f'"{"x" * 98}"'],
        "store less, or raise STASH_MAX_PAYLOAD_BYTES.",
    ),
    "nothing to update": (["update", "a"], "give a VALUE, --extra-seconds or --at-least."),
    "two conditions": (["set", "a", "1", "--if-absent", "--if-version", "v"], "not allowed with argument"),
    "keys and a prefix": (["forget", "a", "--prefix", "b"], "one of the two."),
    "nothing to forget": (["forget"], "one of the two."),
    "an empty prefix": (["forget", "--prefix", ""], "prefix is missing"),
    "no limit at all": (["ls", "--limit", "0"], "'0' is not a whole number of at least 1"),
    "two places": (
        ["ls", "--path", "a.db", "--url", "http://127.0.0.1:1", "--api-key", "k"],
        "--path embeds Stash",
    ),
    "a URL that is none": (
        ["ls", "--url", "localhost:8000", "--api-key", "k"],
        "--url must be a server's URL",
    ),
    "a URL without a key": (["ls", "--url", "https://stash.example"], "needs an API key; give --api-key"),
    "an unknown shell": (["completion", "csh"], "choose from 'bash', 'zsh', 'fish'"),
}


def assert_one_sentence(done: Done, code: int, sentence: str) -> None:
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err
    assert done.err.startswith("stash: ")
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize("case", WRONG_USE)
def test_wrong_use_is_exit_code_2(stash: Command, case: str) -> None:
    arguments, sentence = WRONG_USE[case]

    assert_one_sentence(stash(*arguments, STASH_MAX_PAYLOAD_BYTES="99"), 2, sentence)


SETTINGS = {
    "STASH_BACKEND": ("floppy", "STASH_BACKEND is 'floppy'; it must be one of: memory, sqlite, redis."),
    "STASH_MAX_TTL": ("long", "STASH_MAX_TTL is 'long'; it must be a whole number"),
    "STASH_API_KEY": ("sk_live_ключ", "The API key has a character that no key has"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_bad_setting_is_exit_code_2(stash: Command, name: str) -> None:
    value, sentence = SETTINGS[name]

    assert_one_sentence(stash("set", "a", "1", **{name: value}), 2, sentence)


def test_the_memory_backend_would_forget_it_at_once(stash: Command) -> None:
    assert_one_sentence(stash("set", "a", "1", STASH_BACKEND="memory"), 2, "use sqlite or redis")


def test_a_server_that_is_not_there_is_exit_code_3(stash: Command) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = stash("get", "a", STASH_API_KEY="sk_local_x", STASH_URL=url)

    assert_one_sentence(done, 3, f"{url} cannot be reached: check that a server runs there")


def test_a_redis_that_is_not_there_is_exit_code_3(stash: Command) -> None:
    url = f"redis://:hunter2@127.0.0.1:{free_port()}"

    done = stash("get", "a", "--redis-url", url)

    assert (done.code, done.out) == (3, "")
    assert "hunter2" not in done.err
    assert "Traceback" not in done.err


def test_a_wrong_key_is_exit_code_2_and_not_shown(stash: Command, server: ServerProcess) -> None:
    wrong = server.key[:-1] + ("a" if server.key[-1] != "a" else "b")

    done = stash("get", "a", "--url", server.url, STASH_API_KEY=wrong)
    given = stash("get", "a", "--url", server.url, "--api-key", wrong)

    assert_one_sentence(done, 2, f"{server.url} does not know the key from STASH_API_KEY: check the key")
    assert_one_sentence(given, 2, "does not know the key from --api-key")
    assert wrong not in done.err + given.err


def test_a_damaged_file_is_exit_code_3(stash: Command, tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"no database at all" * 100)

    assert_one_sentence(stash("get", "a", "--path", str(path)), 3, f"{path} is damaged, or not a SQLite file")


def test_a_home_that_is_a_file_is_exit_code_3(stash: Command, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    assert_one_sentence(stash("set", "a", "1"), 3, "lies inside what is not a folder")


def test_a_folder_that_may_not_be_written_is_exit_code_3(stash: Command) -> None:
    assert_one_sentence(stash("set", "a", "1", "--path", "/proc/a.db"), 3, "/proc/a.db cannot be")


def test_a_key_file_that_is_no_text_is_exit_code_2(stash: Command, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "local_key").write_bytes(b"\xff\xfe")

    assert_one_sentence(stash("key"), 2, "local_key cannot be read")
