"""Starts the server in a process of its own.

The library never imports the server. In a checkout the server lies beside the library, in a wheel inside it.
"""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from stash_memory import config

SHARED_MEMORY = "/dev/shm"  # noqa: S108
PACKAGED = Path(__file__).parent / "_server"
FOLDER = PACKAGED if PACKAGED.is_dir() else Path(__file__).parent.parent

# The single executable (`make binary`) has no Python to start. It runs itself with a word that is no command's name.
FROZEN = getattr(sys, "frozen", False)
GUNICORN, MANAGE = "@gunicorn", "@manage"


class CannotServe(Exception):
    """The server cannot start; the message is a sentence for the person who tried."""


def manage(*arguments: str) -> int:
    """Runs a management command in a process of its own; returns its exit code."""
    return subprocess.run(build_command(arguments), env=config.server_environment(), check=False).returncode


def capture(*arguments: str) -> tuple[int, str]:
    """Runs a management command; returns its exit code and its standard output. Errors go to standard error."""
    done = subprocess.run(
        build_command(arguments),
        env=config.server_environment(),
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.returncode, done.stdout.strip()


def build_command(arguments: tuple[str, ...]) -> list[str]:
    """Builds the command that runs a management command."""
    return [sys.executable, MANAGE if FROZEN else str(FOLDER / "manage.py"), *arguments]


def run_celery(part: str, *options: str) -> None:
    """Replaces this process by Celery's `worker` or `beat`. Raises BadSetting."""
    if config.mode() != "hosted":
        raise config.BadSetting(
            "STASH_MODE is 'local', and there `stash serve` purges by itself; workers and beat are for 'hosted'."
        )
    check_is_complete()
    # -P as for gunicorn below. Celery looks for --app in --workdir.
    command = [sys.executable, "-P", "-m", "celery", "--workdir", str(FOLDER), "--app", "stash_site.celery"]
    environment = config.server_environment()
    if os.access(SHARED_MEMORY, os.W_OK):
        # A worker's processes share a file in the temporary folder, and perhaps no disk is writable.
        environment.setdefault("TMPDIR", SHARED_MEMORY)
    os.execve(command[0], [*command, part, *options], environment)


def serve(*, reload: bool) -> None:
    """Replaces this process by the server. Raises CannotServe, BadSetting."""
    if sys.platform == "win32":
        raise CannotServe(
            "stash serve needs Linux, macOS or WSL; embedded use (from stash_memory) works here."
        )
    check_is_complete()
    host, port = config.address()
    workers = config.workers()
    if config.backend() == "memory" and workers > 1:
        raise CannotServe(
            f"The memory backend lives in one process, and {workers} workers were asked for; "
            "use --workers 1, or --backend sqlite."
        )
    check_port_is_free(host, port)
    if code := manage(f"prepare{config.mode()}"):
        raise SystemExit(code)
    # The server's own folder must come first on its path: the caller's folder may hold a module named django. -P keeps
    # Python from adding the caller's folder, and chdir keeps gunicorn from it, which --chdir does not.
    os.chdir(FOLDER)
    command = [sys.executable, *([GUNICORN] if FROZEN else ["-P", "-m", "gunicorn"])]
    command += ["--config", str(FOLDER / "stash_site" / "gunicorn.py")]
    command += ["--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "--workers", str(workers)]
    command += ["--reload"] if reload else []
    environment = config.server_environment()
    if config.is_set("STASH_METRICS_TOKEN") or config.is_set("STASH_METRICS_TOKEN_FILE"):
        # The workers' counters are files, in memory if the system has such a folder.
        shared = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
        environment["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="stash-metrics-", dir=shared)
    os.execve(command[0], [*command, "stash_site.wsgi:application"], environment)


def check_is_complete() -> None:
    """Raises BadSetting in hosted mode of the single executable, which lacks parts of the service."""
    if FROZEN and config.mode() == "hosted":
        raise config.BadSetting(
            "STASH_MODE is 'hosted', but the single executable has no hosted mode; use the container or the wheel."
        )


def check_port_is_free(host: str, port: int) -> None:
    """Raises CannotServe if no socket can bind the address: one sentence beats gunicorn's five tries."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"Cannot listen on {host} port {port} ({error.strerror}); choose another with --host and --port."
            ) from None
