"""The command line: `stash set | get | ls ...` keep memories; `stash serve | createkey | worker ...` run a server.

Exit codes: 0 done, 1 not there, 2 wrong use, 3 unavailable. Standard output carries data, as JSON unless it is a
terminal; standard error carries messages.
"""

import os
import sys
from collections.abc import Sequence

# The exit codes that a shell gives a program ended by SIGINT or SIGPIPE.
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code. A known failure prints one sentence, never a traceback."""
    try:
        return run(sys.argv[1:] if arguments is None else list(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code. Raises KeyboardInterrupt."""
    from stash_memory import config
    from stash_memory.cli import command_line, output
    from stash_memory.errors import StashError

    output.use_utf8()
    # Read the typed bytes as UTF-8, whatever the locale claims.
    typed = [os.fsencode(argument).decode("utf-8", "surrogateescape") for argument in arguments]
    try:
        options = command_line.parse(typed)
        config.read_dotenv()
        code: int = options.run(options)
        output.flush()
    except BrokenPipeError:
        # The reader closed the pipe, as in `stash ls | head -1`.
        output.abandon()
        return BROKEN_PIPE
    except (StashError, config.BadSetting, output.CannotWrite, OSError) as error:
        return output.report(error)
    return code
