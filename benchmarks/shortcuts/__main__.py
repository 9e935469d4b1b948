"""What each shortcut past gunicorn, Django, DRF and logging saves: `python -m benchmarks.shortcuts [NAME...]`.

One process serves requests over TCP with the server's own classes, and turns one shortcut at a time off and on again.
Blocks of requests with and without it alternate. The lowest tenth of the blocks is compared: neighbors on the machine
only make a block slower. Only the processor time of the serving thread counts, so Redis and the client do not.
"""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import django
from gunicorn.config import Config
from gunicorn.glogging import Logger

from benchmarks.hot_path.call import Call
from benchmarks.hot_path.contestant import (
    clean_environment,
    document,
    has_memory_id,
    is_memory,
    python,
    stash_body,
)
from benchmarks.hot_path.job import GET_300, POST_300, Job
from benchmarks.hot_path.payloads import KB
from benchmarks.hot_path.stash import Stash
from benchmarks.shortcuts.undo import SHORTCUTS
from tests.servers.redis_server import RedisServer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")

SMALL, LARGE = (GET_300, POST_300), (Job("GET", KB * KB), Job("POST", KB * KB))
IN_BLOCK = {300: 60, KB * KB: 4}


class Harness:
    """One connection, served by this thread; a helper thread plays the client of large requests."""

    def __init__(self, key: str) -> None:
        from stash_site import gunicorn
        from stash_site.server.answering import AnsweringWorker
        from stash_site.server.connection import Connection
        from stash_site.server.exchange import DeadlineSocket
        from stash_site.server.run_slots import Lane, RunSlots
        from stash_site.wsgi import application

        cfg = Config()
        for name, value in vars(gunicorn).items():
            if name in cfg.settings and not callable(value):
                cfg.set(name, value)
        self.worker = AnsweringWorker(1, os.getppid(), [], None, 30, cfg, Logger(cfg))
        self.worker.tpool = RunSlots(4, lambda: None)
        self.worker.wsgi = Lane(4, self.worker.tpool).beside(application)
        self.key = key
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname())
            accepted, peer = listener.accept()
            self.conn = Connection(cfg, DeadlineSocket.over(accepted), peer, listener.getsockname())
        for end in (self.client, self.conn.sock):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, data: bytes, large: bool) -> tuple[float, bytes]:
        """Serve one request; returns this thread's processor seconds and the whole answer."""
        answer = bytearray()
        helper = threading.Thread(target=self.exchange, args=(data, answer)) if large else None
        if helper:
            helper.start()
        else:
            self.client.sendall(data)
        self.conn.begin(self.worker.new_exchange())
        began = time.thread_time()
        alive = self.worker.handle(self.conn)
        took = time.thread_time() - began
        assert alive is True
        if helper:
            helper.join()
        else:
            self.receive(answer)
        return took, bytes(answer)

    def exchange(self, data: bytes, answer: bytearray) -> None:
        """Send a request and read its answer."""
        self.client.sendall(data)
        self.receive(answer)

    def receive(self, answer: bytearray) -> None:
        """Read one answer whole."""
        end = -1
        while end < 0:
            answer += self.client.recv(1 << 20)
            end = answer.find(b"\r\n\r\n")
        length = int(bytes(answer[:end]).lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(answer) < end + 4 + length:
            answer += self.client.recv(1 << 20)

    def call(self, job: Job) -> Call:
        """The job's request, and its judge."""
        from benchmarks.hot_path.call import request

        def made(method: str, path: str, body: bytes | None = None) -> bytes:
            return request(method, path, 8000, self.key, body)

        stash = made("POST", "/stash", stash_body(job.size))
        if job.verb == "POST":
            return Call(stash, 201, has_memory_id)
        _, answer = self.ask(stash, job.size > KB)
        memory_id = answer.partition(b"\r\n\r\n")[2].split(b'"')[3].decode()
        return Call(made("GET", f"/recall/{memory_id}"), 200, is_memory(document(job.size)))

    def block(self, call: Call, job: Job) -> float:
        """Microseconds for one request, on average over a block."""
        number = IN_BLOCK[job.size]
        total = 0.0
        for _ in range(number):
            took, answer = self.ask(call.request, job.size > KB)
            total += took
        assert call.is_right(answer.partition(b"\r\n\r\n")[2]), answer[:500]
        return total / number * 1e6


def lowest(costs: list[float]) -> float:
    """The mean of the lowest tenth."""
    some = sorted(costs)[: max(1, len(costs) // 10)]
    return sum(some) / len(some)


def inside(names: list[str], rounds: int) -> None:
    """Compare in this process; the key comes on standard input, the table goes to standard error."""
    django.setup()
    harness = Harness(sys.stdin.readline().strip())
    print("| without | request | with it | without it | costs more |\n|---|---|---|---|---|", file=sys.stderr)
    for name in names:
        for job in LARGE if name in ("body_into_buffer", "response_pieces") else SMALL:
            call = harness.call(job)
            costs: tuple[list[float], list[float]] = ([], [])
            for number in range(rounds):
                for without in (False, True) if number % 2 else (True, False):
                    with ExitStack() as stack:
                        if without:
                            stack.enter_context(SHORTCUTS[name]())
                        harness.block(call, job) if number == 0 else None
                        costs[without].append(harness.block(call, job))
            ours, theirs = lowest(costs[False]), lowest(costs[True])
            print(
                f"| {name} | {job.name} | {ours:.1f} us | {theirs:.1f} us | {theirs / ours - 1:+.1%} |",
                file=sys.stderr,
                flush=True,
            )


def main() -> None:
    """Start a Stash for its settings and its key, and compare in another process like it."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.shortcuts")
    options.add_argument("names", nargs="*", metavar="NAME", help="of: " + ", ".join(SHORTCUTS))
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    names = chosen.names or [*SHORTCUTS]
    if chosen.inside:
        inside(names, chosen.rounds)
        return
    clean_environment()
    server = RedisServer()
    stash = Stash(server.url)
    settings = [f"{name}={value}" for name, value in stash.settings().items()]
    command = [
        "env",
        *settings,
        *python("-m", "benchmarks.shortcuts", *names, "--rounds", str(chosen.rounds), "--inside"),
    ]
    try:
        done = subprocess.run(
            command, input=stash.key, cwd=stash.folder.path, text=True, stdout=subprocess.DEVNULL, check=False
        )
    finally:
        stash.stop()
        server.stop()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
