"""Where a small recall's time goes in the application: `python -m benchmarks.hot_path.profile`, printed as Markdown.

cProfile around the WSGI application of a process like the server's, its Redis a real one. It makes each call of a
Python function dearer than it is: read the shares, not the microseconds.
"""

import cProfile
import io
import os
import pstats
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

import django

from benchmarks.hot_path.contestant import clean_environment, python
from benchmarks.hot_path.stash import Stash
from tests.servers.redis_server import RedisServer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")

REQUESTS = 3_000
# By what is in the file's name, the first that fits; what is in no file is C, and belongs to whoever calls it.
PARTS = {
    "stash_memory/backends": "the backend: arguments, Lua's answer, the connection",
    "stash_memory": "the store's rules",
    "accounts": "the key, its account, usage",
    "memories": "views, answers, counting",
    "storage": "the pools, the store of each user",
    "operators": "the operators' pages",
    "upkeep": "the purge, the roll-up",
    "stash_site": "the handler, log lines, pages' middleware",
    "rest_framework": "DRF",
    "django": "Django",
    "logging": "logging",
}
WAITING = ("recv_into", "sendmsg")


def environ(key: str, path: str, method: str = "GET", body: bytes = b"") -> dict[str, Any]:
    """What the server would hand to the application."""
    return {
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_API_KEY": key,
    }


def part_of(function: tuple[str, int, str], callers: Iterable[tuple[str, int, str]]) -> str:
    """Whose time it is."""
    file, _, name = function
    if any(word in name for word in WAITING):
        return "Redis: system calls, and the wait"
    if file == "~":
        file = next((caller[0] for caller in callers if caller[0] != "~"), "")
    return next((part for fragment, part in PARTS.items() if fragment in file), "all else")


def main() -> None:
    """Starts a Stash for its settings and its key, and profiles another process like it."""
    clean_environment()
    server = RedisServer()
    stash = Stash(server.url)
    settings = [f"{name}={value}" for name, value in stash.settings().items()]
    command = ["env", *settings, *python("-m", "benchmarks.hot_path.profile", "inside")]
    try:
        done = subprocess.run(
            command, input=stash.key, cwd=stash.folder.path, check=True, text=True, stdout=subprocess.DEVNULL
        )
    finally:
        stash.stop()
        server.stop()
    sys.exit(done.returncode)


def inside() -> None:
    """The key comes on standard input; lines of the log go to standard output, and the table to standard error."""
    django.setup()
    from stash_site.wsgi import application

    key = sys.stdin.read().strip()

    def answer(asked: dict[str, Any]) -> bytes:
        response = application(asked, lambda *_: None)
        body = b"".join(response)
        response.close()  # type: ignore[attr-defined]
        return body

    body = b'{"data": "%b"}' % (b"x" * 298)
    memory_id = answer(environ(key, "/stash", "POST", body)).split(b'"')[3].decode()
    profile = cProfile.Profile()
    for number in range(REQUESTS + 300):
        if number == 300:
            profile.enable()
        answer(environ(key, f"/recall/{memory_id}"))
    profile.disable()
    parts: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        parts[part_of(function, callers)] += own
    total = parts.total()
    print("| where | share |\n|---|---|", file=sys.stderr)
    for part, seconds in parts.most_common():
        print(f"| {part} | {seconds / total:.0%} |", file=sys.stderr)


if __name__ == "__main__":
    inside() if "inside" in sys.argv else main()
