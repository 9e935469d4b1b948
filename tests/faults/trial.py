"""One fault under load: what it cost whom, and what it lost."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.faults.client import Client
from tests.faults.ledger import Write

BEFORE_SECONDS, QUIET_SECONDS, MOST_SECONDS = 2.0, 2.0, 60.0


class Report(NamedTuple):
    """Figures of a trial. Instants are seconds since the epoch, `recovery` and `slowest` (of failures) seconds."""

    requests: int
    acknowledged: int
    errors: Counter[str]
    pools: set[str]
    began: float
    recovery: float
    slowest: float
    lost: list[Write]

    def __str__(self) -> str:
        errors = ", ".join(f"{number} x {kind}" for kind, number in self.errors.most_common()) or "none"
        return (
            f"{self.requests} requests, {self.acknowledged} writes acknowledged; errors: {errors}"
            f"{' in ' + ', '.join(sorted(self.pools)) if self.pools else ''}; the slowest took {self.slowest:.1f} s; "
            f"recovered after {self.recovery:.1f} s; acknowledged writes lost: {len(self.lost)}"
        )


def trial(clients: Sequence[Client], fault: Callable[[], None]) -> Report:
    """Has the clients work, calls `fault`, which returns when what it broke is whole again, and reads all at the end.

    It ends when for two seconds nothing has failed. Raises the first thing that a client could not account for.
    """
    enough = threading.Event()
    for client in clients:
        client.begin()
    with ThreadPoolExecutor(len(clients)) as threads:
        working = [threads.submit(client.run, enough) for client in clients]
        try:
            time.sleep(BEFORE_SECONDS)
            began = time.time()
            fault()
            deadline = time.time() + MOST_SECONDS
            healed = time.time()
            while time.time() < max(last_failure(clients, began), healed) + QUIET_SECONDS:
                assert time.time() < deadline, "requests fail, and go on failing"
                time.sleep(0.05)
        finally:
            enough.set()
        for one in working:
            one.result()
    for client in clients:
        if client.wrong is not None:
            raise client.wrong
    failures = [(client.pool, failure) for client in clients for failure in client.failures]
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(Client.settle, clients))
    return Report(
        requests=sum(client.requests for client in clients),
        acknowledged=sum(client.acknowledged for client in clients),
        errors=Counter(failure.kind for _, failure in failures),
        pools={pool for pool, _ in failures},
        began=began,
        recovery=last_failure(clients, began) - began,
        slowest=max((failure.seconds for _, failure in failures), default=0.0),
        lost=[write for client in clients for write in client.lost],
    )


def last_failure(clients: Sequence[Client], began: float) -> float:
    """When the last request failed that was told so; `began`, where none did."""
    return max([began, *(client.failures[-1].at for client in clients if client.failures)])
