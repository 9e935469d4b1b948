"""The check of `make check` that no module is over 300 lines."""

from pathlib import Path

import pytest

from tools.check_modules import ROOT, main

SETTINGS = '[tool.importlinter]\nroot_packages = ["room"]\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    for folder in ("room/migrations", "room/static", "templates/admin", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("name", ["room/views.py", "room/record.lua", "templates/admin/page.html"])
def test_a_module_over_300_lines_fails_and_is_named(
    checkout: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / name).write_text("x\n" * 301)

    assert main(checkout) == 1
    assert capsys.readouterr().out == f"{name} has 301 lines, the most is 300: split it by its ideas.\n"


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("room/views.py", 300),
        ("room/migrations/0001_initial.py", 301),
        ("room/static/docs.js", 301),
        ("tests/test_views.py", 301),
    ],
)
def test_all_else_passes(checkout: Path, name: str, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / name).write_text("x\n" * lines)

    assert main(checkout) == 0
    assert capsys.readouterr().out == ""


def test_this_checkout_passes() -> None:
    assert main(ROOT) == 0
