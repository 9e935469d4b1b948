"""The commands that start a server's processes: serve, createkey, migrate, worker, beat, health and manage."""

import argparse
from typing import Any

from stash_memory import config, server
from stash_memory.cli import output
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE

# A purge may take 45 s of each minute; the second process does the other due work meanwhile.
WORKER_PROCESSES = 2
HEALTH_PARTS = ("live", "ready", "worker", "beat")
HEALTH_TIMEOUT_S = 4.0
# The address that reaches a server on its own machine, if it listens on every address.
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def add_serve(commands: Any) -> None:
    """Adds `stash serve`."""
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
    command.set_defaults(run=serve)


def serve(options: argparse.Namespace) -> int:
    """Replaces this process by the server. Returns only if the server cannot start."""
    set_environment(options)
    try:
        server.serve(reload=options.reload)
    except server.CannotServe as error:
        output.print_message(str(error))
        return WRONG_USE
    return 0


def set_environment(options: argparse.Namespace) -> None:
    """Overrides the environment by the options. --redis-url alone chooses the redis backend."""
    backend = options.backend or ("redis" if options.redis_url else None)
    config.set_from_flag("STASH_HOST", options.host)
    config.set_from_flag("STASH_PORT", options.port)
    config.set_from_flag("STASH_BACKEND", backend)
    config.set_from_flag("REDIS_URL", options.redis_url)
    config.set_from_flag("STASH_WORKERS", options.workers)


def add_createkey(commands: Any) -> None:
    """Adds `stash createkey EMAIL`."""
    command = commands.add_parser(
        "createkey",
        help="make an API key, and its user if needed",
        description="Makes an API key, and its user if needed, and prints the key. Stash shows the key only once.",
        epilog="example: stash createkey ada@example.com --tier pro\n\n"
        "`stash manage createkey --help` lists the options.",
    )
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="EMAIL ...")
    command.set_defaults(run=create_key)


def create_key(options: argparse.Namespace) -> int:
    """Creates the key; returns the management command's exit code."""
    return server.manage("createkey", *options.arguments)


def add_migrate(commands: Any) -> None:
    """Adds `stash migrate`."""
    command = commands.add_parser(
        "migrate",
        help="bring the server's database up to date",
        description="Migrates the database of users and keys, like `stash serve` does before it starts. "
        "Any number of processes may run it at once.",
        epilog="example: stash migrate && stash serve",
    )
    command.set_defaults(run=migrate)


def migrate(options: argparse.Namespace) -> int:
    """Migrates the database; returns the management command's exit code."""
    return server.manage(f"prepare{config.mode()}")


def add_worker(commands: Any) -> None:
    """Adds `stash worker`."""
    command = commands.add_parser(
        "worker",
        help="run a hosted service's worker",
        description="Runs a worker of a hosted service. The worker purges memories and rolls up usage.",
        epilog="example: stash worker --processes 4",
    )
    command.add_argument(
        "--processes", type=int, default=WORKER_PROCESSES, help=f"worker processes ({WORKER_PROCESSES})"
    )
    command.set_defaults(run=run_worker)


def run_worker(options: argparse.Namespace) -> int:
    """Replaces this process by Celery's worker. Raises BadSetting."""
    server.run_celery("worker", "--concurrency", str(options.processes))
    return 0


def add_beat(commands: Any) -> None:
    """Adds `stash beat`."""
    command = commands.add_parser(
        "beat",
        help="run a hosted service's clock; run exactly one",
        description="Runs the clock that starts a hosted service's scheduled tasks. Run exactly one.",
        epilog="example: STASH_MODE=hosted stash beat",
    )
    command.set_defaults(run=run_beat)


def run_beat(options: argparse.Namespace) -> int:
    """Replaces this process by Celery's beat, which writes no file: the settings hold the schedule."""
    server.run_celery("beat", "--pidfile=")
    return 0


def add_health(commands: Any) -> None:
    """Adds `stash health`."""
    command = commands.add_parser(
        "health",
        help="check a part of the server",
        description="Checks whether the server at STASH_HOST and STASH_PORT lives, or is ready (its stores answer); "
        "or whether a worker, or beat, reported within the last 90 seconds.",
        epilog="example: stash health ready",
    )
    command.add_argument(
        "part", nargs="?", choices=HEALTH_PARTS, default="live", help="the part to check (live)"
    )
    command.set_defaults(run=check_health)


def check_health(options: argparse.Namespace) -> int:
    """Prints the part's answer; returns 0 if the part works. Containers run this every few seconds."""
    if options.part in ("worker", "beat"):
        return server.manage("heard", options.part)
    from http.client import HTTPConnection, HTTPException

    host, port = config.address()
    connection = HTTPConnection(LOOPBACK_OF.get(host, host), port, timeout=HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", f"/health/{options.part}")
        response = connection.getresponse()
        output.print_line(response.read().decode())
    except (OSError, HTTPException) as error:
        output.print_message(f"The server at {host} port {port} does not answer: {error}.")
        return UNAVAILABLE
    finally:
        connection.close()
    return 0 if response.status == 200 else UNAVAILABLE


def add_manage(commands: Any) -> None:
    """Adds `stash manage COMMAND`, for installations without a checkout."""
    command = commands.add_parser(
        "manage",
        help="run a management command of the server",
        description="Runs a management command of the server, like manage.py in a checkout.",
        epilog="example: stash manage createkey ada@example.com --tier pro",
    )
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    command.set_defaults(run=manage)


def manage(options: argparse.Namespace) -> int:
    """Runs the management command; returns its exit code."""
    return server.manage(*options.arguments)
