"""`stash serve`: a Stash server, from nothing."""

import argparse
from typing import Any

from stash_memory import config, server
from stash_memory.cli import output
from stash_memory.exit_codes import WRONG_USE


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "serve",
        help="start a server",
        description="Starts a server and prints an API key. STASH_HOME holds the server's state.",
        epilog="example: stash serve --port 9000 --workers 2",
    )
    command.add_argument("--host", help="address to listen on (STASH_HOST; 127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (STASH_PORT; 8000); 0 picks a free port")
    command.add_argument(
        "--backend", choices=config.BACKENDS, help="where memories live (STASH_BACKEND; sqlite)"
    )
    command.add_argument("--redis-url", metavar="URL", help="store memories in this Redis (REDIS_URL)")
    command.add_argument("--workers", type=int, help="server processes (STASH_WORKERS; 1)")
    command.add_argument("--reload", action="store_true", help="restart when the code changes")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Flags win over the environment; then this process becomes the server."""
    set_environment(options)
    try:
        server.serve(reload=options.reload)
    except server.CannotServe as error:
        output.message(str(error))
        return WRONG_USE
    return 0


def set_environment(options: argparse.Namespace) -> None:
    """As everywhere on the command line, --redis-url chooses the Redis that it names."""
    backend = options.backend or ("redis" if options.redis_url else None)
    config.set_from_flag("STASH_HOST", options.host)
    config.set_from_flag("STASH_PORT", options.port)
    config.set_from_flag("STASH_BACKEND", backend)
    config.set_from_flag("REDIS_URL", options.redis_url)
    config.set_from_flag("STASH_WORKERS", options.workers)
