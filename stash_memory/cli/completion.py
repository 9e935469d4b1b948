"""`stash completion SHELL`: what completes commands, options and keys, for a shell to read."""

import argparse
from collections.abc import Iterator
from typing import Any

from stash_memory.cli import output

SHELLS = ("bash", "zsh", "fish")
# What the shells run for the keys: those that begin with what has been typed, a hundred at most.
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


def add(commands: Any) -> None:
    """Adds the command to the parser."""
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
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The script, made from the parser as it is."""
    import shtab

    from stash_memory.cli.command_line import parser

    whole = parser()
    for action in arguments_of(whole):
        if action.metavar in ("KEY", "PREFIX"):
            action.complete = KEYS  # type: ignore[attr-defined]  # shtab's own, and nothing to argparse
    output.line(shtab.complete(whole, options.shell))
    return 0


def arguments_of(whole: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """What the commands take. argparse has no public way to ask for it, and shtab goes this one."""
    for action in whole._actions:
        for command in (
            (action.choices or {}).values() if isinstance(action, argparse._SubParsersAction) else ()
        ):
            yield from command._actions
