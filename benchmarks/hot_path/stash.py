"""Stash itself, in the forms that are measured."""

import subprocess
from contextlib import suppress

from benchmarks.hot_path.contestant import ROOT, Service, python
from benchmarks.hot_path.job import Job
from stash_memory.backends.sqlite import SqliteBackend

# A rate limit, a burst and caps that never refuse: the user's bucket and books are kept as any user's.
LIMITED = """
from accounts.models import Tier, User
Tier.objects.filter(name="pro").update(max_memories=10**9, max_bytes=10**15)
User.objects.update(requests_per_minute=60_000_000, burst=1_000_000)
print(User.objects.get(email="bench@example.com").public_id)
"""


class Stash(Service):
    """`stash serve` on redis: one worker, as it comes; with a user of the pro tier, whose limits are out of reach."""

    name = "stash"
    backend = "redis"
    workers = 1
    log_level = "INFO"

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url
        super().__init__()
        self.key = self.manage("createkey", "bench@example.com", "--tier", "pro")
        self.user = self.manage("shell", "--verbosity", "0", "--command", LIMITED)

    def settings(self) -> dict[str, str]:
        """See Contestant."""
        return super().settings() | {
            "STASH_HOME": str(self.folder.path / "home"),
            "STASH_BACKEND": self.backend,
            "STASH_LOG_LEVEL": self.log_level,
            "REDIS_URL": self.redis_url,
        }

    def command(self) -> list[str]:
        """See Contestant."""
        return python("-m", "stash_memory", "serve", "--port", str(self.port), "--workers", str(self.workers))

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        settings = [f"{name}={value}" for name, value in self.settings().items()]
        command = ["env", *settings, *python("-m", "stash_memory", "manage", *arguments)]
        done = subprocess.run(command, cwd=self.folder.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def takes(self, job: Job) -> bool:
        """Everything."""
        return True


class StashOnSqlite(Stash):
    """The same on sqlite."""

    name = "stash-sqlite"
    backend = "sqlite"

    def clear(self) -> None:
        """Forgets all memories, as another process of the same store."""
        backend = SqliteBackend(self.folder.path / "home" / "memories.db")
        with suppress(Exception):
            backend.delete_prefix(self.user, "")
        backend.close()


class StashWithTwoWorkers(Stash):
    """Two worker processes, on the same core."""

    name = "stash-2-workers"
    workers = 2


class StashInSilence(Stash):
    """No log lines and no counting of usage: what these cost the others."""

    name = "stash-silent"
    log_level = "ERROR"


class StashOnGranian(Stash):
    """The same application on granian's WSGI server: an experiment, and no part of the product."""

    name = "stash-granian"

    def command(self) -> list[str]:
        """See Contestant."""
        self.manage("preparelocal")
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port)]
        options += ["--workers", "1", "--blocking-threads", "4", "--http", "1", "--no-ws"]
        return ["env", "-C", str(ROOT), *python("-m", "granian", *options, "stash_site.wsgi:application")]
