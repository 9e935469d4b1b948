"""The commands together: help with an example each, and a start that imports no more than it needs."""

import subprocess
import sys

import pytest

from stash_memory.cli import command_line, measures
from tests.cli.command import Command

# What `stash get` of a file has no use for, and each of which costs as much as Python's own start, or more.
HEAVY = {"httpx2", "redis", "hiredis", "msgspec", "gunicorn", "django", "environ", "shtab", "subprocess"}


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command_line.parse([name, "--help"])

    said = capsys.readouterr().out
    assert end.value.code == 0
    assert "example" in said
    assert f"stash {name}" in said.partition("example")[2]


def test_stash_says_what_it_can_do(stash: Command) -> None:
    done = stash("--help")

    assert done.code == 0
    assert all(f"\n    {name}" in done.out for name in command_line.COMMANDS)


def test_a_get_imports_no_more_than_it_needs(stash: Command) -> None:
    stash("set", "a", "1")

    done = subprocess.run(
        [sys.executable, "-X", "importtime", *stash.arguments(["get", "a"])[1:]],
        env=stash.environment(),
        cwd=stash.folder,
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert done.stdout == "1\n"
    assert "sqlite3" in imported
    assert not imported & HEAVY


def test_sizes_are_in_words() -> None:
    said = [
        measures.format_size(number)
        for number in (0, 1023, 1024, 1536, 1_048_575, 1_048_576, 52_428_800, 5 << 40)
    ]

    assert said == ["0 B", "1023 B", "1 KB", "1.5 KB", "1 MB", "1 MB", "50 MB", "5 TB"]


def test_times_are_in_words() -> None:
    said = [measures.format_duration(seconds) for seconds in (0, 59, 60, 3599, 3600, 12_000, 86_400, 180_000)]

    assert said == ["0 s", "59 s", "1 min", "59 min", "1 h", "3 h 20 min", "1 d", "2 d 2 h"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1", 1), ("600", 600), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("1m1s", 61)],
)
def test_times_are_read(text: str, seconds: int) -> None:
    assert measures.parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1.5", "m", "10 m", "1m1h", "1m1m", "1h30", "٣", "9" * 20, "1w"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(measures.argparse.ArgumentTypeError):
        measures.parse_duration(text)
