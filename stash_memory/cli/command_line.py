"""The parser: all of it for help and completion, and of a command that is called, its own part alone."""

import argparse
from importlib import import_module
from typing import Any, NoReturn

from stash_memory import __version__

# Where an optional argument may follow an option, as in `stash update KEY --extra-seconds 60 VALUE`, argparse has to be
# asked for it; for the others it would cost a millisecond or two.
INTERMIXED = ("update", "forget", "ls")
SERVING = ("serve", "key", "dashboard", "createkey", "migrate", "worker", "beat", "health", "manage")
KEEPING = ("set", "get", "update", "forget", "ls", "status", "completion")
COMMANDS = SERVING + KEEPING


class CommandParser(argparse.ArgumentParser):
    """argparse's, whose errors are one sentence, and whose options are not guessed from their first letters."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Says it on standard error. Raises SystemExit(2)."""
        self.exit(2, f"stash: {message}; see `{self.prog} --help`.\n")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    return _with_commands(COMMANDS)[0]


def parse(arguments: list[str]) -> argparse.Namespace:
    """What was asked for; `run` is the command's function. Raises SystemExit.

    Only the called command's module is imported: the others' are half of what `stash get` would take to start.
    """
    if not arguments or arguments[0] not in COMMANDS:
        return parser().parse_args(arguments)
    name, *rest = arguments
    command = _with_commands((name,))[1].choices[name]
    # Python 3.11's intermixed parsing loses what follows `--`.
    parsed = command.parse_intermixed_args if name in INTERMIXED and "--" not in rest else command.parse_args
    options: argparse.Namespace = parsed(rest)
    return options


def _with_commands(names: tuple[str, ...]) -> tuple[argparse.ArgumentParser, Any]:
    top = CommandParser(
        prog="stash",
        description="Working memory for AI agents: store a JSON value, and read it until its TTL runs out.",
        epilog="example: stash set plan '{\"step\": 1}' --ttl 10m && stash get plan\n\n"
        "Stash keeps memories in a file under STASH_HOME, unless STASH_API_KEY, STASH_BACKEND or an option\n"
        "chooses another place; `stash status` shows the choice. Stash also reads settings from a .env file.\n\n"
        "exit codes: 0 done, 1 not found, 2 wrong use, 3 unavailable",
    )
    top.add_argument("--version", action="version", version=f"stash {__version__}")
    commands = top.add_subparsers(prog="stash", dest="command", metavar="COMMAND", required=True)
    for name in names:
        import_module(f"stash_memory.cli.{name}").add(commands)
    return top, commands
