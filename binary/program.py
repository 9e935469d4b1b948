"""What the single executable runs: the command line, or, where it has called itself, a part of the server."""

import sys

from stash_memory import server


def main() -> int:
    """Does what the arguments say; returns the exit code."""
    match sys.argv[1:2]:
        case [server.GUNICORN]:
            from gunicorn.app.wsgiapp import run

            sys.argv = ["gunicorn", *sys.argv[2:]]
            run()
            return 0
        case [server.MANAGE]:
            from django.core.management import execute_from_command_line

            execute_from_command_line(["stash manage", *sys.argv[2:]])
            return 0
    from stash_memory.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
