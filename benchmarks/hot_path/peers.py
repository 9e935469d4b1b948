"""Who Stash is measured beside; what they run is in `benchmarks/peers/`."""

import json
import shutil

import redis

from benchmarks.hot_path.call import Call, ask, request
from benchmarks.hot_path.contestant import Contestant, Service, memories, python
from benchmarks.hot_path.job import GET_300, Job
from benchmarks.hot_path.payloads import document, text
from benchmarks.peers.keys import account_key

KEY = "sk_live_benchmark000000000000000000000000"
USER = "usr_benchmark0000000"


class OnRedis(Service):
    """A service with Stash's paths, whose keys are in Redis."""

    key = KEY

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url
        super().__init__()

    def settings(self) -> dict[str, str]:
        """See Contestant."""
        return super().settings() | {"REDIS_URL": self.redis_url}

    def calls(self, job: Job) -> list[Call]:
        """See Contestant."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.set(account_key(KEY), USER)
        return super().calls(job)


class FastApi(OnRedis):
    """The founding document's own stack, one uvicorn worker."""

    name = "fastapi"

    def command(self) -> list[str]:
        """See Contestant."""
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"]
        options += ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
        return python("-m", "uvicorn", *options, "benchmarks.peers.fastapi_service:app")


class FastApiInOnePipeline(FastApi):
    """The same with authentication and rate limit in one round trip: how far a peer tuned by hand comes."""

    name = "fastapi-1-pipeline"

    def settings(self) -> dict[str, str]:
        """See Contestant."""
        return super().settings() | {"FASTAPI_ONE_PIPELINE": "1"}

    def takes(self, job: Job) -> bool:
        """Where round trips weigh most."""
        return job.size == GET_300.size and job.verb != "BATCH"


class RawWsgi(OnRedis):
    """Stash's own job without Django and DRF, on Stash's own server: the most that this server can do."""

    name = "raw-wsgi"

    def command(self) -> list[str]:
        """See Contestant."""
        return gunicorn(self.port, "benchmarks.peers.raw_wsgi:application")


class Hello(Contestant):
    """Stash's server with an application that does nothing: what HTTP costs here."""

    name = "hello"

    def command(self) -> list[str]:
        """See Contestant."""
        return gunicorn(self.port, "benchmarks.peers.hello:application")

    def is_up(self) -> bool:
        """See Contestant."""
        try:
            return ask(self.port, "GET", "/")[0] == 200
        except OSError:
            return False

    def takes(self, job: Job) -> bool:
        """One size of answer, and no body."""
        return job == GET_300

    def calls(self, job: Job) -> list[Call]:
        """See Contestant."""
        return [Call(request("GET", "/hello", self.port, KEY), 200, lambda body: len(body) == job.size)]


class Webdis(Contestant):
    """Redis over HTTP in C: no keys, no limits, no JSON read. Only where the machine has it."""

    name = "webdis"

    @classmethod
    def is_there(cls) -> bool:
        """Whether the program is on PATH."""
        return shutil.which("webdis") is not None

    def __init__(self, redis_url: str) -> None:
        self.redis_url = redis_url
        super().__init__()

    def command(self) -> list[str]:
        """See Contestant."""
        address = redis.Redis.from_url(self.redis_url).get_connection_kwargs()
        settings = {
            "redis_host": "127.0.0.1",
            "redis_port": address["port"],
            "http_host": "127.0.0.1",
            "http_port": self.port,
            "threads": 1,
            "daemonize": False,
            "acl": [{"enabled": ["GET", "SET", "PING"]}],
            # 4 would be a line for each request; its lines have nothing of ours in them.
            "verbosity": 3,
            "logfile": str(self.folder.path / "webdis.log"),
        }
        path = self.folder.path / "webdis.json"
        path.write_text(json.dumps(settings))
        return ["webdis", str(path)]

    def is_up(self) -> bool:
        """See Contestant."""
        try:
            return ask(self.port, "GET", "/PING")[0] == 200
        except OSError:
            return False

    def calls(self, job: Job) -> list[Call]:
        """See Contestant. Values come back as they are (`.txt`)."""
        value = text(document(job.size))
        ids = [f"memory-{number}" for number in range(memories(job.size))]
        if job.verb == "POST":
            stored = Call(
                request("PUT", "/SET/memory", self.port, body=value), 200, lambda body: b"OK" in body
            )
            return [stored]
        with redis.Redis.from_url(self.redis_url) as client:
            for one in ids:
                client.set(one, value)
        return [
            Call(request("GET", f"/GET/{one}.txt", self.port), 200, lambda body: body == value) for one in ids
        ]


def gunicorn(port: int, application: str) -> list[str]:
    """Stash's own server with another application."""
    options = ["--config", "python:benchmarks.peers.gunicorn_settings", "--bind", f"127.0.0.1:{port}"]
    return python("-m", "gunicorn", *options, application)
