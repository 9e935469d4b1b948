"""Options that several commands have."""

import argparse

from stash_memory.cli import measures
from stash_memory.limits import whole_seconds

BACKENDS = ("sqlite", "redis")


def connection() -> argparse.ArgumentParser:
    """Where the memories are; without any of these, the environment and `.env` say it."""
    parent = argparse.ArgumentParser(add_help=False)
    group = parent.add_argument_group(
        "where memories live (default: STASH_API_KEY, STASH_BACKEND, or a file)"
    )
    group.add_argument("--url", metavar="URL", help="a server's address (STASH_URL)")
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help="the server's key; prefer STASH_API_KEY, because `ps` shows this option to other users",
    )
    group.add_argument(
        "--backend", choices=BACKENDS, help="use this backend without a server (STASH_BACKEND)"
    )
    group.add_argument("--path", metavar="FILE", help="the sqlite backend's file (memories.db in STASH_HOME)")
    group.add_argument("--redis-url", metavar="URL", help="the redis backend's server (REDIS_URL)")
    return parent


def json(command: argparse.ArgumentParser) -> None:
    """--json"""
    command.add_argument("--json", action="store_true", help="print JSON on a terminal too")


def ms(seconds: int | None, name: str) -> int | None:
    """A length of time in milliseconds, if it is given. Raises InvalidRequest."""
    return None if seconds is None else whole_seconds(seconds, name) * 1000


def time(command: argparse.ArgumentParser, flag: str, sentence: str) -> None:
    """A length of time."""
    command.add_argument(flag, metavar="TIME", type=measures.seconds, help=f"{sentence}: 600, 10m, 1h30m, 2d")
