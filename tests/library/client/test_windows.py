"""Embedded use needs nothing that only Unix has: fork, mknod, resource limits. (Python here, without them.)"""

import subprocess
import sys
from pathlib import Path

WITHOUT = """
import os, sys
for name in ("resource", "fcntl", "pwd", "grp"):
    sys.modules[name] = None
for name in ("register_at_fork", "fork", "mknod", "statvfs", "geteuid", "O_CLOEXEC"):
    delattr(os, name)
from stash_memory import Stash
for stash in (Stash(path=sys.argv[1]), Stash(backend="memory")):
    with stash:
        stash.set("a", [1])
        assert stash.transform("a", lambda found: [*found, 2]).data == stash.get("a") == [1, 2]
"""


def test_embedded_use_works_without_what_only_unix_has(tmp_path: Path) -> None:
    path = str(tmp_path / "home" / "memories.db")
    subprocess.run([sys.executable, "-c", WITHOUT, path], check=True)
