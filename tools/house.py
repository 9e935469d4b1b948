"""Measures the house: `python tools/house.py` prints the figures that CONTRIBUTING's measures of structure ask for.

With `--way`, it also stashes one memory through the WSGI application on a SQLite file of its own, and counts the
project's files that the request runs through.
"""

import ast
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("stash_site", "operators", "memories", "upkeep", "storage", "accounts", "stash_memory")
SQL_ENGINES = (
    "stash_memory/backends/sql",
    "stash_memory/backends/sqlite",
    "storage/database",
    "memories/backend",
)


def modules() -> list[Path]:
    """Every module of the packages, migrations included."""
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def lines(path: Path) -> int:
    """Lines in a file."""
    return path.read_text().count("\n")


def importers() -> Counter[str]:
    """How many modules import each module."""
    found: Counter[str] = Counter()
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules()}
    for path in modules():
        used: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                used |= {node.module} & names
                used |= {f"{node.module}.{alias.name}" for alias in node.names} & names
        found.update(used)
    return found


def deciders() -> list[str]:
    """The source files that decide between 410 and 404."""
    sources = [*modules(), *ROOT.glob("stash_memory/backends/redis/*.lua")]
    marks = ("return MemoryExpired(", "raise MemoryExpired(", "{ EXPIRED, at }")
    return [
        str(path.relative_to(ROOT)) for path in sources if any(mark in path.read_text() for mark in marks)
    ]


WAY = """
import sys
sys.path.insert(0, {root!r})
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "stash_site.settings"
import django
django.setup()
from django.core.management import call_command
call_command("preparelocal", verbosity=0)
from pathlib import Path
key = next(Path({home!r}).rglob("local_key")).read_text().strip()
from django.test import Client
client = Client()
def stash():
    answer = client.post("/stash", b'{{"data": 1}}', content_type="application/json", HTTP_X_API_KEY=key)
    assert answer.status_code == 201, answer.content
stash()
seen = set()
sys.setprofile(lambda frame, event, argument: seen.add(frame.f_code.co_filename))
stash()
sys.setprofile(None)
for name in sorted(one for one in seen if one.startswith({root!r}) and "/.venv/" not in one):
    print(Path(name).relative_to({root!r}))
"""


def way() -> list[str]:
    """The project's files that POST /stash runs through, from the WSGI application to the engine."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "STASH_HOME": home, "STASH_BACKEND": "sqlite"}
        script = WAY.format(root=str(ROOT), home=home)
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return [line for line in done.stdout.splitlines() if line.endswith(".py")]


def main() -> None:
    """Prints the figures."""
    found, imported = modules(), importers()
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found}
    lonely = [path for path in found if imported[names[path]] == 1]
    splinters = [path for path in lonely if lines(path) < 40]
    engines = [path for folder in SQL_ENGINES for path in (ROOT / folder).glob("*.py")]
    print(f"modules in the packages: {len(found)}")
    print(f"with exactly one importer: {len(lonely)}, of them under 40 lines: {len(splinters)}")
    print(f"longest: {max(map(lines, found))} lines")
    print(f"lines of the SQL engines: {sum(map(lines, engines))}")
    print(f"files that decide 410 or 404: {', '.join(deciders())}")
    if "--way" in sys.argv:
        files = way()
        print(f"files on the way of POST /stash: {len(files)}")
        print("\n".join(f"  {name}" for name in files))


if __name__ == "__main__":
    main()
