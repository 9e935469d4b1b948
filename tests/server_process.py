"""A real Stash server in a process of its own, on a free port, with a home of its own."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.leaks import scan
from tests.servers.site_shell import site_shell

LISTENS = re.compile(r"Stash listens on http://([^\s]+):(\d+)")
START_SECONDS = 30
ADDRESSES = itertools.count()


def clean_environment(**settings: str) -> dict[str, str]:
    """This process's environment without any setting of Stash's own, and with these."""
    ours = ("STASH_", "DJANGO_", "REDIS_URL", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def new_address() -> str | None:
    """One of 127.0.0.0/8 that was not given before; None where a system has only 127.0.0.1, as macOS does."""
    if sys.platform != "linux":
        return None
    number = next(ADDRESSES)
    return f"127.1.{number // 250 % 250}.{number % 250 + 1}"


class ServerProcess:
    """`stash serve` with `flags`. Logs are in `home/out.log` and `home/err.log`.

    `stash` is the command line's program; by default, that of the code under test. It starts in `folder`.
    """

    def __init__(
        self,
        home: Path,
        *flags: str,
        port: int = 0,
        stash: Sequence[str] = (sys.executable, "-m", "stash_memory"),
        folder: Path | None = None,
        **settings: str,
    ) -> None:
        self.stash = stash
        self.folder = folder or home
        self.home = home
        self.flags = flags
        self.settings = settings
        self.port = port
        self.environment = clean_environment(STASH_HOME=str(home), **settings)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "ServerProcess":
        """Starts it, and waits until it listens."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = [*self.stash, "serve", "--port", str(self.port), *self.flags]
        scan.logs |= {self.home / "out.log", self.home / "err.log"}
        with (self.home / "out.log").open("ab") as out, (self.home / "err.log").open("wb") as err:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not (found := LISTENS.search(self.err)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start: {self.err}{self.out}")
            time.sleep(0.02)
        self.host, self.port = found[1], int(found[2])
        return self

    @property
    def out(self) -> str:
        """Standard output so far: the log."""
        return (self.home / "out.log").read_text()

    @property
    def err(self) -> str:
        """Standard error so far: the banner, and gunicorn's own words."""
        return (self.home / "err.log").read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log's lines so far, but for one that is being written. An id may hold what `splitlines` splits at."""
        return [json.loads(line) for line in self.out.split("\n")[:-1]]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def key(self) -> str:
        """The local user's key."""
        return (self.home / "local_key").read_text().strip()

    def client(self, key: str | None = None) -> httpx2.Client:
        """A client that shows `key`, or the local user's."""
        # TLS is not in it, and to read the certificates of all authorities takes 24 ms each time.
        return httpx2.Client(
            base_url=self.url, headers={"X-API-KEY": key or self.key}, timeout=30, verify=False
        )

    def stranger(self) -> httpx2.Client:
        """A client without a key, and where the system allows it with an address that nobody else has.

        Bad keys are counted by address: what one test does wrong is not to be told to another.
        """
        address = new_address()
        transport = httpx2.HTTPTransport(local_address=address, verify=False) if address else None
        return httpx2.Client(base_url=self.url, transport=transport, timeout=30, verify=False)

    def manage(self, *arguments: str) -> str:
        """Runs a management command on this server's home; returns what it prints."""
        done = subprocess.run(
            [*self.stash, "manage", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def shell(self, code: str) -> str:
        """What the code prints, run on this server's database where its models are."""
        return site_shell().run(self.settings.get("DATABASE_URL") or str(self.home / "site.db"), code)

    def create_key(self, email: str, *flags: str) -> str:
        """A new key of the user with this address."""
        command = ("createkey", email, *flags)
        return self.shell(f"from django.core.management import call_command; call_command(*{command!r})")

    def signal(self, number: int) -> None:
        """Sends a signal to the server's first process."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.wait(timeout=40)

    def kill(self) -> None:
        """SIGKILL to the server and its workers, all at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, the server and its workers stand still (SIGSTOP)."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def resident(self) -> int:
        """Bytes that the workers hold, without what they share with files; 0 where there is no /proc."""
        assert self.process is not None
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            except OSError:
                continue
            if int(fields["PPid"]) == self.process.pid:
                total += int(fields["RssAnon"].split()[0]) * 1024
        return total

    def twin(self) -> "ServerProcess":
        """Another server on the same home and store."""
        return ServerProcess(self.home, *self.flags, **self.settings)

    def restart(self) -> "ServerProcess":
        """Starts again on the same home and port."""
        return self.start()
