"""A process of threads that increment one counter with If-Match: `incrementer.py HOST PORT KEY ID THREADS COUNT`.

The standard library alone, so that it starts at once. Prints, as JSON, the versions that its writes got, and the
statuses that it saw and how often.
"""

import collections
import http.client
import json
import random
import sys
import threading
import time


class Incrementer(threading.Thread):
    """Increments `count` times: reads, adds one, writes on condition that nobody else has, and begins again if so."""

    def __init__(self, host: str, port: int, key: str, memory_id: str, count: int) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection(host, port, timeout=60)
        self.key, self.memory_id, self.count = key, memory_id, count
        self.versions: list[str] = []
        self.statuses: collections.Counter[int] = collections.Counter()

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str, bytes]:
        headers = {"X-API-KEY": self.key} | {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        self.statuses[answer.status] += 1
        return answer.status, answer.headers.get("ETag", ""), answer.read()

    def run(self) -> None:
        while len(self.versions) < self.count:
            status, etag, said = self.ask("GET", f"/recall/{self.memory_id}")
            if status != 200:
                return
            number = json.loads(said)["data"] + 1
            # A put and an update keep the same promise.
            method, path = random.choice([("PUT", "/stash"), ("PATCH", "/update")])
            status, etag, said = self.ask(method, f"{path}/{self.memory_id}", {"data": number}, If_Match=etag)
            if status == 200:
                self.versions.append(etag)
            elif status != 412:
                return
            # Whoever lost waits a little, or all would only meet again.
            time.sleep(random.uniform(0, 0.005 if status == 200 else 0.2))


def main(host: str, port: str, key: str, memory_id: str, threads: str, count: str) -> None:
    """Runs them all."""
    crowd = [Incrementer(host, int(port), key, memory_id, int(count)) for _ in range(int(threads))]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    versions = [version for one in crowd for version in one.versions]
    statuses: collections.Counter[int] = sum((one.statuses for one in crowd), collections.Counter())
    print(json.dumps({"versions": versions, "statuses": statuses}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
