"""What may be wrong with STASH_HOME: the start says it in one sentence, and shows no traceback."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.stash_command import stash_command
from tests.server_process import clean_environment
from tests.servers.report import missing


def damaged(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(home: Path) -> None:
        home.mkdir()
        (home / name).write_bytes(content)

    return damage


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file": (lambda home: home.write_text(""), "which cannot be a folder"),
    "an empty secret": (damaged("secret_key", b""), "secret_key is damaged: delete it"),
    "a cut secret": (damaged("secret_key", b"x"), "secret_key is damaged: delete it"),
    "a binary secret": (damaged("secret_key", b"\xff" * 64), "secret_key is damaged: delete it"),
    "a database that is none": (
        damaged("site.db", b"no database at all" * 100),
        "users and keys cannot be used",
    ),
    "memories that are none": (damaged("memories.db", b"no database at all" * 100), "memories.db"),
    "a binary key": (damaged("local_key", b"\xff\xfe"), "local_key cannot be read"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_home_stops_the_start_with_one_sentence(tmp_path: Path, case: str) -> None:
    damage, sentence = CASES[case]
    home = tmp_path / "home"
    damage(home)

    done = stash_command("serve", "--port", "0", home=home)

    assert done.returncode in (2, 3)
    assert done.stderr.startswith("stash: ")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_a_dotenv_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")

    done = stash_command("serve", "--port", "0", home=tmp_path / "home")

    assert done.returncode == 2
    assert done.stderr.strip().endswith(".env cannot be read as text.")


def test_a_dotenv_line_that_is_no_setting_is_told_by_its_number_alone(tmp_path: Path) -> None:
    """It may be half a secret."""
    (tmp_path / ".env").write_text("# ours\n\n  STASH_PORT=0\nexport STASH_WORKERS=1\nSECRET_KEY: s3cret\n")

    done = stash_command("serve", home=tmp_path / "home")

    assert done.returncode == 2
    assert done.stderr.strip() == (
        f"stash: {tmp_path / '.env'}, line 5 is neither NAME=value nor a comment (# ...)."
    )


def test_createkey_before_the_first_start_says_what_to_do(tmp_path: Path) -> None:
    done = stash_command("manage", "createkey", "ada@example.com", home=tmp_path / "home")

    assert done.returncode == 3
    assert done.stderr.strip().startswith("stash: The database is not ready (")
    assert done.stderr.strip().endswith("run `stash serve` or `migrate` first.")


@pytest.fixture
def unwritable(tmp_path: Path) -> Path:
    """A home that is there, and takes no file: not from root either, once it has no privileges."""
    home = tmp_path / "unwritable"
    home.mkdir(mode=0o500)
    return home


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("createkey", "ada@example.com"), ("manage", "purge")]
)
def test_a_home_that_takes_no_file_is_one_sentence(unwritable: Path, command: tuple[str, ...]) -> None:
    program = shutil.which("setpriv")
    if program is None:
        missing("setpriv", "it is not on PATH")

    done = subprocess.run(
        [program, "--inh-caps=-all", "--bounding-set=-all", sys.executable, "-m", "stash_memory", *command],
        env=clean_environment(STASH_HOME=str(unwritable)),
        cwd=unwritable.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode in (2, 3)
    assert done.stderr.startswith("stash: ")
    assert "cannot be written: Permission denied." in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_another_projects_settings_are_not_ours(own_server: Callable[..., object]) -> None:
    own_server(DJANGO_SETTINGS_MODULE="another.project")
