"""A server that takes part: a process on the server's core, its logs in a file."""

import json
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from benchmarks.hot_path.call import Call, WrongAnswer, ask, request
from benchmarks.hot_path.job import Job
from benchmarks.hot_path.payloads import document, text
from tests.servers.process import Folder, Process, free_port, wait_until

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
# Memories that a window of recalls goes round in: more than one, and few enough to be put there quickly.
MEMORIES = 64
LARGE_MEMORIES = 8


class Contestant(ABC):
    """One server. It starts with its object, on a free port, and ends with `stop`."""

    name: str

    def __init__(self) -> None:
        self.folder = Folder("bench")
        self.port = free_port()
        settings = [f"{name}={value}" for name, value in self.settings().items()]
        self.process = Process(["env", *settings, *self.command()], self.folder.path)
        wait_until(self.is_up, self.process, START_SECONDS)

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it, to listen on `port`."""

    def settings(self) -> dict[str, str]:
        """Its environment variables, besides ours."""
        return {"PYTHONPATH": str(ROOT)}

    @abstractmethod
    def is_up(self) -> bool:
        """Whether it answers."""

    @abstractmethod
    def calls(self, job: Job) -> list[Call]:
        """The requests that do the job, once what they need is there."""

    def takes(self, job: Job) -> bool:
        """Whether it can do that job at all."""
        return job.verb != "BATCH"

    def clear(self) -> None:  # noqa: B027 - most keep nothing of their own
        """Lets go of what was stashed outside of the benchmark's Redis."""

    @property
    def pid(self) -> int:
        """Its first process; the others are that one's children."""
        return self.process.pid

    def stop(self) -> None:
        """Ends it."""
        self.process.stop()


class Service(Contestant):
    """One that has Stash's own paths, with the API key `key`."""

    key: str

    def is_up(self) -> bool:
        """Whether it takes connections and answers; 401, 404 and the like are answers."""
        try:
            ask(self.port, "GET", "/")
        except OSError:
            return False
        return True

    def calls(self, job: Job) -> list[Call]:
        """See Contestant."""
        if job.verb == "POST":
            return [Call(self.request("POST", "/stash", stash_body(job.size)), 201, has_memory_id)]
        ids = self.stashed(job.size, job.items if job.items > 1 else memories(job.size))
        wanted = document(job.size)
        if job.verb == "BATCH":
            body = text({"operations": [{"verb": "recall", "memory_id": one} for one in ids]})
            return [Call(self.request("POST", "/batch", body), 200, are_memories(wanted, ids))]
        return [Call(self.request("GET", f"/recall/{one}"), 200, is_memory(wanted)) for one in ids]

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """A request that shows the key."""
        return request(method, path, self.port, self.key, body)

    def stashed(self, size: int, count: int) -> list[str]:
        """Ids of so many new memories. Raises WrongAnswer."""
        ids = []
        for _ in range(count):
            status, body = ask(self.port, "POST", "/stash", self.key, stash_body(size))
            if status != 201:
                raise WrongAnswer(f"{self.name}: {status} {body[:300]!r}")
            ids.append(json.loads(body)["memory_id"])
        return ids


def memories(size: int) -> int:
    """How many a window of recalls goes round in."""
    return MEMORIES if size < 100_000 else LARGE_MEMORIES


def stash_body(size: int) -> bytes:
    """`{"data": ..., "ttl": 3600}`, with `size` bytes of data."""
    return b'{"data":' + text(document(size)) + b',"ttl":3600}'


def has_memory_id(body: bytes) -> bool:
    """Whether a stash was answered as the founding document has it."""
    return {"memory_id", "ttl", "expires_at"} <= json.loads(body).keys()


def is_memory(wanted: object) -> Callable[[bytes], bool]:
    """Judges a recall's answer: that data, and a life."""

    def judge(body: bytes) -> bool:
        answer = json.loads(body)
        return bool(answer["data"] == wanted and 0 < answer["ttl_remaining"] <= 3600)

    return judge


def are_memories(wanted: object, ids: list[str]) -> Callable[[bytes], bool]:
    """Judges a batch's answer: each of these memories, in order, with that data."""

    def judge(body: bytes) -> bool:
        results = json.loads(body)["results"]
        return [one["body"]["memory_id"] for one in results if one["body"]["data"] == wanted] == ids

    return judge


def python(*arguments: str) -> list[str]:
    """A command of this Python's."""
    return [sys.executable, *arguments]


def clean_environment() -> None:
    """Drops the settings that this process was started with: those of the contestants are their own."""
    ours = ("STASH_", "DJANGO_", "REDIS_URL", "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
    for name in [name for name in os.environ if name.startswith(ours)]:
        del os.environ[name]
