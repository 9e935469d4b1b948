"""The command line, run as a person runs it."""

import subprocess
import sys
from pathlib import Path

from tests.server_process import clean_environment


def stash_command(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """`stash` with these arguments, this home and these settings; it may fail."""
    return subprocess.run(
        [sys.executable, "-m", "stash_memory", *arguments],
        env=clean_environment(STASH_HOME=str(home), **settings),
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
