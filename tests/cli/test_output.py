"""Standard output as programs have it: closed early, full, interrupted, or in a locale of another age."""

import signal
import subprocess
import time

import pytest

from tests.cli.command import Command


def test_a_reader_that_has_seen_enough_is_no_error(stash: Command) -> None:
    for name in range(3):
        stash("set", f"run/{name}", "1")
    line = f'{" ".join(stash.arguments(["ls"]))} | head -1; echo "${{PIPESTATUS[0]}}"'

    done = subprocess.run(
        ["bash", "-c", f"{line}"], env=stash.environment(), cwd=stash.folder, capture_output=True, check=True
    )

    first, code = done.stdout.splitlines()
    assert first.startswith(b'{"memory_id":"run/0"')
    assert code in (b"0", b"141")
    assert done.stderr == b""


def test_a_large_value_into_a_closed_pipe_ends_quietly(stash: Command) -> None:
    stash("set", "big", "-", given='"' + "x" * 1_000_000 + '"')
    process = subprocess.Popen(
        stash.arguments(["get", "big"]),
        env=stash.environment(),
        cwd=stash.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(4) == b'"xxx'
    process.stdout.close()

    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_full_disk_is_one_sentence(stash: Command) -> None:
    stash("set", "a", "1")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            stash.arguments(["get", "a"]),
            env=stash.environment(),
            cwd=stash.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 3
    assert (
        done.stderr
        == b"stash: Cannot write to standard output (No space left on device); redirect it elsewhere.\n"
    )


def test_ctrl_c_shows_no_traceback(stash: Command) -> None:
    process = subprocess.Popen(
        stash.arguments(["set", "a", "-"]),
        env=stash.environment(),
        cwd=stash.folder,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b"x" * 1_000_000)  # more than the pipe holds: once it is in, the command reads
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    assert process.stderr.read() == b""
    process.stderr.close()
    process.stdin.close()


@pytest.mark.parametrize(
    "locale", [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}], ids=str
)
def test_ids_and_data_are_utf_8_in_any_locale(stash: Command, locale: dict[str, str]) -> None:
    assert stash("set", "ключ/☃", '"снег"', **locale).document["memory_id"] == "ключ/☃"

    assert stash("get", "ключ/☃", **locale).out == '"снег"\n'
    assert stash("ls", "--ids", **locale).out == "ключ/☃\n"
    assert stash.on_terminal("ls", "--ids", **locale).out == "ключ/☃\n"
    assert "'нет'" in stash("get", "нет", **locale).err
