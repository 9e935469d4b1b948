"""The completion scripts, in the shells themselves."""

import contextlib
import os
import pty
import select
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.servers.report import missing

BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_stash
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def programs(stash: Command, tmp_path: Path) -> Path:
    """A folder with `stash` in it, and two memories to complete."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "stash"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m stash_memory "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    stash("set", "run/a b", "1")
    stash("set", "run/c", "1")
    return folder


def script(stash: Command, shell: str, path: Path) -> Path:
    if shutil.which(shell) is None:
        missing(shell, "it is not on PATH")
    done = stash("completion", shell)
    assert (done.code, done.err) == (0, "")
    path.parent.mkdir(exist_ok=True)
    path.write_text(done.out)
    return path


def environment(stash: Command, programs: Path) -> dict[str, str]:
    return stash.environment(PATH=f"{programs}:{os.environ['PATH']}", TERM="vt100", HOME=str(stash.folder))


def test_bash_completes_commands_options_choices_and_keys(
    stash: Command, programs: Path, tmp_path: Path
) -> None:
    path = script(stash, "bash", tmp_path / "stash.bash")

    def completed(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-c", BASH, "bash", path, "stash", *words],
            env=environment(stash, programs),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.split("\n")[:-1]

    assert completed("s") == ["serve", "set", "status"]
    assert "--extend" in completed("get", "--")
    assert completed("get", "a", "--backend", "") == ["sqlite", "redis"]
    assert completed("completion", "f") == ["fish"]
    assert completed("get", "ru") == ["run/a\\ b", "run/c"]
    assert completed("get", "x") == [""]


def test_fish_completes_commands_options_choices_and_keys(
    stash: Command, programs: Path, tmp_path: Path
) -> None:
    path = script(stash, "fish", tmp_path / "stash.fish")

    def completed(line: str) -> list[str]:
        done = subprocess.run(
            ["fish", "--no-config", "-c", f"source {path}; complete -C '{line}'"],
            env=environment(stash, programs),
            capture_output=True,
            text=True,
            check=True,
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert completed("stash s") == ["serve", "set", "status"]
    assert "--extend" in completed("stash get --")
    assert completed("stash get ru") == ["run/a b", "run/c"]
    assert completed("stash forget --prefix run/c") == ["run/c"]


def test_zsh_completes_commands_and_keys(stash: Command, programs: Path, tmp_path: Path) -> None:
    script(stash, "zsh", tmp_path / "functions" / "_stash")
    (tmp_path / ".zshrc").write_text(
        f"fpath=({tmp_path / 'functions'} $fpath); autoload -Uz compinit; compinit -u -D\nPS1='> '\n"
    )

    with Zsh(environment(stash, programs) | {"ZDOTDIR": str(tmp_path)}) as zsh:
        assert zsh.completed("stash sta", "stash status")
        assert zsh.completed("stash get ru", "stash get run/")
        assert zsh.completed("stash completion f", "stash completion fish")


class Zsh(contextlib.AbstractContextManager["Zsh"]):
    """An interactive zsh, as a person has it."""

    def __init__(self, environment: dict[str, str]) -> None:
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            ["zsh", "-i"], env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.terminal = os.fdopen(ours, "r+b", buffering=0)
        assert self.said("> ")

    def completed(self, typed: str, expected: str) -> bool:
        """Whether Tab makes `expected` of what was typed; then the line is deleted."""
        self.terminal.write(f"{typed}\t".encode())
        done = self.said(expected)
        self.terminal.write(b"\x15")
        return done

    def said(self, text: str, seconds: float = 30) -> bool:
        """Whether it shows the text in time."""
        seen, until = b"", time.monotonic() + seconds
        while text.encode() not in seen.replace(b"\0", b"") and time.monotonic() < until:
            if select.select([self.terminal], [], [], 0.1)[0]:
                seen += self.terminal.read(4096)
        return text.encode() in seen.replace(b"\0", b"")

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.terminal.close()
