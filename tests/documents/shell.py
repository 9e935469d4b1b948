"""Runs a page's blocks of shell, one after the other, as somebody types them who goes down the page."""

import subprocess
from pathlib import Path

from tests.documents.page import Block
from tests.documents.shown import ARROW, shows

# Ends at the first command that fails. What a block sets is there for the next.
SCRIPT = """set -euo pipefail
[ -e "$STATE" ] && source "$STATE"
set -a
{block}
export -p > "$STATE"
"""


def run(block: Block, environment: dict[str, str], folder: Path) -> None:
    """Runs it in `folder`. Raises AssertionError for a command that fails, and for what does not come out."""
    done = subprocess.run(
        ["bash", "-c", SCRIPT.replace("{block}", block.text)],
        env=environment | {"STATE": str(folder / "state")},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    where = f"{block.page}:{block.line}"
    assert done.returncode == 0, f"{where} ends with {done.returncode}\n{done.stdout}\n{done.stderr}"
    lines = iter(done.stdout.splitlines())
    for line in block.text.splitlines():
        if line.strip().startswith(ARROW):
            expected = line.strip().removeprefix(ARROW)
            assert any(shows(expected, found) for found in lines), f"{where}: {expected}\n{done.stdout}"
