"""On a terminal: words, colours and questions. In a pipe: JSON alone."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from stash_memory.cli.output import PATIENCE_S
from tests.cli.command import Command

ESCAPE = "\x1b["


def test_a_terminal_gets_words_and_colours(stash: Command) -> None:
    kept = stash.on_terminal("set", "a", '{"x": 1.10}', "--ttl", "59m")
    listed = stash.on_terminal("ls")
    got = stash.on_terminal("get", "a")

    assert kept.left.startswith(f"{ESCAPE}1ma{ESCAPE}0m lives {ESCAPE}32m59 min{ESCAPE}0m, until 2")
    assert listed.left.splitlines()[0] == f"{ESCAPE}2m     SIZE        LEFT  ID{ESCAPE}0m"
    assert listed.left.splitlines()[1] == f"     11 B      59 min  {ESCAPE}1ma{ESCAPE}0m"
    assert got.left == '{\n  "x": 1.10\n}\n'


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_who_wants_no_colours_gets_none(stash: Command, setting: dict[str, str]) -> None:
    assert ESCAPE not in stash.on_terminal("set", "a", "1", **setting).left
    assert ESCAPE not in stash.on_terminal("ls", **setting).left


def test_json_is_to_be_had_on_a_terminal_too(stash: Command) -> None:
    assert stash.on_terminal("set", "a", '{"x":  1}', "--json").document["memory_id"] == "a"
    assert stash.on_terminal("get", "a", "--json").left == '{"x":  1}\n'
    assert stash.on_terminal("ls", "--json").document["bytes"] == 9
    assert stash.on_terminal("forget", "a", "--json").document == {"forgotten": 1}


def test_sizes_are_for_people(stash: Command) -> None:
    stash("set", "big", "-", given='"' + "x" * (1_048_576 - 2) + '"', STASH_MAX_PAYLOAD_BYTES="2000000")
    stash("set", "small", '"' + "x" * 1534 + '"')

    said = stash.on_terminal("ls", NO_COLOR="1").out

    assert [line.split()[:2] for line in said.splitlines()[1:]] == [["1", "MB"], ["1.5", "KB"]]


def test_what_a_terminal_might_obey_is_escaped(stash: Command) -> None:
    stash("set", "a", '"\x9b31m and \x7f"')

    assert stash.on_terminal("get", "a").out == '"\\u009b31m and \\u007f"\n'
    assert stash("get", "a").out == '"\x9b31m and \x7f"\n'


def test_nothing_to_list_is_said_on_a_terminal_alone(stash: Command) -> None:
    assert stash.on_terminal("ls", "run/").out == "stash: No memory begins with 'run/'.\n"
    assert stash("ls", "run/") == (0, "", "")


@pytest.mark.parametrize(
    ("answer", "code", "left"), [("y\n", 0, 0), ("n\n", 1, 2), ("\n", 1, 2), ("\x04", 1, 2)]
)
def test_a_prefix_is_forgotten_after_a_question(stash: Command, answer: str, code: int, left: int) -> None:
    stash("set", "run/1", "1")
    stash("set", "run/2", "2")

    done = stash.on_terminal("forget", "--prefix", "run/", types=answer, after="[y/N]", NO_COLOR="1")

    assert done.code == code
    assert "Forget every memory that begins with 'run/' (2 memories, 2 B)? [y/N] " in done.out
    assert ("Forgot 2 memories." in done.out) is (left == 0)
    assert ("Nothing was forgotten." in done.out) is (left == 2)
    assert len(stash("ls").lines) == left


def test_who_says_yes_is_not_asked(stash: Command) -> None:
    stash("set", "run/1", "1")

    assert stash.on_terminal("forget", "--prefix", "run/", "--yes").out.endswith("Forgot 1 memory.\n")


def test_reading_from_a_terminal_says_how_to_end(stash: Command) -> None:
    done = stash.on_terminal("set", "a", "-", types="[1]\n\x04", after="Ctrl-D")

    assert done.code == 0
    # The terminal may echo what is typed before the line has ended.
    assert "Reading JSON; end it with Ctrl-D." in done.out
    assert stash("get", "a").out == "[1]\n"


def test_a_slow_pipe_shows_how_far_it_is(stash: Command) -> None:
    ours, theirs = os.pipe()
    import threading

    def feed() -> None:
        with os.fdopen(theirs, "wb", buffering=0) as pipe:
            pipe.write(b'"' + b"x" * 2046)
            time.sleep(2.5)
            pipe.write(b'"')

    feeder = threading.Thread(target=feed)
    feeder.start()
    done = stash.on_terminal("set", "a", "-", "--json", stdin=ours)
    feeder.join()
    os.close(ours)

    assert done.code == 0
    assert "\r\x1b[KReading 2 KB, 1 s" in done.out
    assert done.out.rpartition("\x1b[K")[2].startswith('{"memory_id"')


def test_what_is_quick_shows_no_progress(stash: Command, tmp_path: Path) -> None:
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        done = stash.on_terminal("set", "a", "1", out=out.fileno())
    was_quick = time.monotonic() - began < PATIENCE_S

    assert (done.code, done.left) == (0, "")
    assert not (was_quick and done.out)
