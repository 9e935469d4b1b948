"""The parser, and the shells' completion scripts, which derive from it.

Help and completion build the whole parser; a called command builds only its own part.
"""

import argparse
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NoReturn

from stash_memory import __version__
from stash_memory.cli import output

# argparse must be told to accept an optional argument behind an option, as in
# `stash update KEY --extra-seconds 60 VALUE`. Other commands save the millisecond or two that this costs.
INTERMIXED = ("update", "forget", "ls")
# Each command's module, which has a function `add_{command}`. The order is that of the help.
HOMES = {
    "serve": "server_commands",
    "key": "local_commands",
    "dashboard": "local_commands",
    "createkey": "server_commands",
    "migrate": "server_commands",
    "worker": "server_commands",
    "beat": "server_commands",
    "health": "server_commands",
    "manage": "server_commands",
    "set": "write",
    "get": "get",
    "update": "write",
    "forget": "forget",
    "ls": "ls",
    "status": "status",
    "completion": "command_line",
}
COMMANDS = tuple(HOMES)

SHELLS = ("bash", "zsh", "fish")
# Shells run this to complete a key: at most a hundred keys that begin with the typed text.
_LIST = "stash ls --ids --limit 100 --"
KEYS = {
    "bash": "_stash_keys",
    "zsh": "_stash_keys",
    "fish": f"({_LIST} (commandline --current-token) 2>/dev/null)",
    "preamble": {
        "bash": f"""
_stash_keys() {{
  local key
  while IFS= read -r key; do printf '%q\\n' "$key"; done < <({_LIST} "$1" 2>/dev/null)
}}""",
        "zsh": f"""
_stash_keys() {{
  local -a keys
  keys=("${{(@f)$({_LIST} "$PREFIX" 2>/dev/null)}}")
  compadd -S '' -- ${{keys:#}}
}}""",
    },
}


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one sentence, and which accepts no abbreviated options."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Prints the message on standard error. Raises SystemExit(2)."""
        self.exit(2, f"stash: {message}; see `{self.prog} --help`.\n")


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the whole command line."""
    return _build(COMMANDS)[0]


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parses the arguments; `run` of the result is the command's function. Raises SystemExit.

    Imports only the called command's module: the others would take half of the start of `stash get`.
    """
    if not arguments or arguments[0] not in HOMES:
        return build_parser().parse_args(arguments)
    name, *rest = arguments
    command = _build((name,))[1].choices[name]
    # Python 3.11's intermixed parsing loses the arguments behind `--`.
    parse_rest = (
        command.parse_intermixed_args if name in INTERMIXED and "--" not in rest else command.parse_args
    )
    options: argparse.Namespace = parse_rest(rest)
    return options


def add_completion(commands: Any) -> None:
    """Adds `stash completion SHELL`."""
    command = commands.add_parser(
        "completion",
        help="print a shell's completion script",
        description="Prints a script that completes commands, options and keys in bash, zsh or fish.",
        epilog="examples:\n"
        "  bash:  stash completion bash > ~/.local/share/bash-completion/completions/stash\n"
        "  zsh:   stash completion zsh > ~/.zfunc/_stash   # with fpath+=~/.zfunc before compinit\n"
        "  fish:  stash completion fish > ~/.config/fish/completions/stash.fish",
    )
    command.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")
    command.set_defaults(run=print_completion)


def print_completion(options: argparse.Namespace) -> int:
    """Prints the shell's script, derived from the parser; returns 0."""
    import shtab

    whole = build_parser()
    for action in find_arguments(whole):
        if action.metavar in ("KEY", "PREFIX"):
            action.complete = KEYS  # type: ignore[attr-defined]  # shtab reads it, argparse does not
    output.print_line(shtab.complete(whole, options.shell))
    return 0


def find_arguments(whole: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yields the arguments of every command. Reads argparse's private lists, as shtab does: no public API has them."""
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from command._actions


def _build(names: tuple[str, ...]) -> tuple[argparse.ArgumentParser, Any]:
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
        getattr(import_module(f"stash_memory.cli.{HOMES[name]}"), f"add_{name}")(commands)
    return top, commands
