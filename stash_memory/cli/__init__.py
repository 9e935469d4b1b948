"""The command line: `stash set | get | ls ...` keep memories; `stash serve | createkey | worker ...` run a server.

Exit codes: 0 done, 1 not there, 2 wrong use, 3 unavailable. Data goes to standard output, as JSON unless it is a
terminal; messages go to standard error.
"""

import os
import sys
from collections.abc import Sequence

# What a shell makes of a program that SIGINT or SIGPIPE ended.
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code. Nobody sees a traceback of what can be said in a sentence."""
    try:
        return run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED


def run(arguments: list[str]) -> int:
    """The same; raises KeyboardInterrupt."""
    from stash_memory import config
    from stash_memory.cli import command_line, failure, output
    from stash_memory.errors import StashError

    output.prepare()
    # UTF-8, whatever the locale is called: the bytes that were typed are.
    typed = [os.fsencode(argument).decode("utf-8", "surrogateescape") for argument in arguments]
    try:
        options = command_line.parse(typed)
        config.read_dotenv()
        code: int = options.run(options)
        output.flush()
    except BrokenPipeError:
        # Whoever read has seen enough: `stash ls | head -1`.
        output.abandon()
        return BROKEN_PIPE
    except (StashError, config.BadSetting, output.CannotWrite, OSError) as error:
        return failure.told(error)
    return code
