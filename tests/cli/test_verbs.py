"""Each verb does the same on a file, on a Redis and at a server: the answers in JSON, and the exit codes."""

import time

from tests.cli.command import Command


def test_what_is_set_is_got_byte_for_byte(anywhere: Command, folder: str) -> None:
    text = '{"b":1.10, "a": 1e400,  "z":"\\u00e9é"}'

    done = anywhere("set", f"{folder}ключ", text, "--ttl", "10m")

    assert done.code == 0
    assert done.err == ""
    kept = done.document
    assert sorted(kept) == ["expires_at", "memory_id", "ttl", "version"]
    assert (kept["memory_id"], kept["ttl"]) == (f"{folder}ключ", 600)
    assert kept["expires_at"].endswith("Z")
    got = anywhere("get", f"{folder}ключ")
    assert (got.code, got.out, got.err) == (0, f"{text}\n", "")


def test_a_value_is_read_from_standard_input(anywhere: Command, folder: str) -> None:
    assert anywhere("set", f"{folder}a", "-", given=' ["from", "a pipe"]\n').code == 0

    assert anywhere("get", f"{folder}a").out == '["from", "a pipe"]\n'


def test_what_is_not_there_is_one_sentence_and_exit_code_1(anywhere: Command, folder: str) -> None:
    sentence = f"stash: There is no memory '{folder}a': it was forgotten or never existed.\n"

    for arguments in (["get"], ["update", "--extra-seconds", "5"], ["forget"]):
        done = anywhere(arguments[0], f"{folder}a", *arguments[1:])
        assert (done.code, done.err) == (1, sentence)
        assert done.out == ('{"forgotten":0}\n' if arguments[0] == "forget" else "")


def test_the_default_is_printed_where_there_is_nothing(anywhere: Command, folder: str) -> None:
    done = anywhere("get", f"{folder}a", "--default", '{"none": true}')

    assert (done.code, done.out, done.err) == (0, '{"none": true}\n', "")


def test_what_expired_says_when(anywhere: Command, folder: str) -> None:
    expires_at = anywhere("set", f"{folder}a", "1", "--ttl", "1").document["expires_at"]
    deadline = time.monotonic() + 20
    while (done := anywhere("get", f"{folder}a")).code == 0 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert done.code == 1
    assert done.err.startswith(f"stash: '{folder}a' expired at {expires_at}, ")
    assert done.err.endswith(" s ago, and its data is gone.\n")


def test_update_replaces_extends_or_both(anywhere: Command, folder: str) -> None:
    first = anywhere("set", f"{folder}a", "1", "--ttl", "60").document

    extended = anywhere("update", f"{folder}a", "--extra-seconds", "1h").document
    both = anywhere("update", f"{folder}a", "--extra-seconds", "60", "[2]").document

    assert 3600 < extended["ttl"] <= 3660
    assert anywhere("update", f"{folder}a", "--at-least", "2h").document["ttl"] > 7190
    assert extended["version"] == first["version"] != both["version"]
    assert anywhere("get", f"{folder}a").out == "[2]\n"


def test_conditions_are_kept(anywhere: Command, folder: str) -> None:
    version = anywhere("set", f"{folder}a", "1").document["version"]
    stale = anywhere("set", f"{folder}a", "2", "--if-version", "0000000000000000")

    assert anywhere("set", f"{folder}a", "2", "--if-absent").code == 1
    assert stale.code == 1
    assert "version has changed" in stale.err
    assert anywhere("update", f"{folder}a", "2", "--if-version", version).code == 0
    assert anywhere("update", f"{folder}a", "3", "--if-version", version).code == 1
    assert anywhere("get", f"{folder}a").out == "2\n"


def test_get_extends_on_request(anywhere: Command, folder: str) -> None:
    anywhere("set", f"{folder}a", "1", "--ttl", "60")

    assert anywhere("get", f"{folder}a", "--extend", "10m").out == "1\n"

    [line] = anywhere("ls", f"{folder}").lines
    assert 590 <= line["ttl"] <= 600


def test_ls_shows_what_there_is_in_order(anywhere: Command, folder: str) -> None:
    for name in ("b", "a", "c"):
        anywhere("set", f"{folder}{name}", '"12345"')

    lines = anywhere("ls", folder).lines

    assert [line["memory_id"] for line in lines] == [f"{folder}{name}" for name in "abc"]
    assert sorted(lines[0]) == ["bytes", "expires_at", "memory_id", "ttl"]
    assert lines[0]["bytes"] == 7
    assert anywhere("ls", "--ids", "--limit", "2", folder).out == f"{folder}a\n{folder}b\n"
    assert anywhere("ls", f"{folder}x").out == ""


def test_forget_deletes_keys_and_prefixes(anywhere: Command, folder: str) -> None:
    for name in ("a", "b", "run/1", "run/2"):
        anywhere("set", f"{folder}{name}", "1")

    keys = anywhere("forget", f"{folder}a", f"{folder}none", f"{folder}b")
    prefix = anywhere("forget", "--prefix", f"{folder}run/")

    assert (keys.code, keys.document) == (1, {"forgotten": 2})
    assert keys.err == f"stash: There is no memory '{folder}none': it was forgotten or never existed.\n"
    assert (prefix.code, prefix.document) == (0, {"forgotten": 2})
    assert anywhere("ls", folder).out == ""
