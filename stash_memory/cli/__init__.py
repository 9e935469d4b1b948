"""The command line: `stash serve | key | manage`.

Exit codes: 0 done, 1 not there, 2 wrong use, 3 unavailable.
"""

import argparse
import sys
from collections.abc import Sequence

from stash_memory import __version__, config
from stash_memory.cli import key, manage, serve
from stash_memory.server import CannotServe


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="stash", description="Working memory for AI agents.")
    top.add_argument("--version", action="version", version=f"stash {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (serve, key, manage):
        command.add(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        config.read_dotenv()
        code: int = options.run(options)
    except (config.BadSetting, CannotServe) as error:
        print(f"stash: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code
