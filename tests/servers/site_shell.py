"""One process in which Django is ready: it runs code on any server's database, and spares each a start of Python."""

import atexit
import contextlib
import io
import json
import os
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class SiteShell:
    """What `stash manage shell -c CODE` does, on a database that is named by its URL or its SQLite file's path."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.site_shell"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        atexit.register(self.stop)

    def run(self, database: str, code: str) -> str:
        """What the code prints, without the last line's end. Raises RuntimeError where it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([database, code]) + "\n")
        self._process.stdin.flush()
        printed, error = json.loads(self._process.stdout.readline())
        if error:
            raise RuntimeError(error)
        return str(printed).strip()

    def stop(self) -> None:
        """Its input ends, and so does it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@cache
def site_shell() -> SiteShell:
    """The one of this test process."""
    return SiteShell()


def main() -> None:
    """Answers lines of `[database, code]` with lines of `[printed, error]`."""
    from tests.contract import databases

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    databases.ready()
    for line in sys.stdin:
        database, code = json.loads(line)
        printed, error = io.StringIO(), ""
        alias = databases.postgres(database, None) if "://" in database else databases.sqlite(Path(database))
        try:
            with databases.as_default(alias), contextlib.redirect_stdout(printed):
                exec(code, {})
        except Exception:
            error = traceback.format_exc()
        sys.stdout.write(json.dumps([printed.getvalue(), error]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
