"""Races between minting and revoking, run in a process of its own on the database that its settings name.

`python -m tests.accounts.races NAME` prints what came out, as JSON.
"""

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import django
from django.db import connection, transaction
from django.utils import timezone

WAIT_SECONDS = 20


class Waiter(threading.Thread):
    """Does `work` in a thread that will have to wait for this one's transaction."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.began = threading.Event()
        self.outcome: object = None
        self.start()
        self.began.wait(WAIT_SECONDS)
        if connection.vendor == "postgresql":
            until(waits_for_a_lock)

    def run(self) -> None:
        self.began.set()
        try:
            self.outcome = self.work()
        except Exception as error:
            self.outcome = type(error).__name__
        finally:
            connection.close()

    def result(self) -> object:
        """What the work returned, or the name of what it raised."""
        self.join(WAIT_SECONDS)
        assert not self.is_alive()
        return self.outcome


def until(ready: Callable[[], bool]) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def waits_for_a_lock() -> bool:
    """Whether another connection to this PostgreSQL waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return bool(cursor.fetchone()[0])


def family():
    """A user's key, its child's account, and the grandchild's."""
    from accounts.models import ApiKey, User

    user = User.objects.create_user(f"{random.random()}@example.com")
    root, secret = ApiKey.issue(user)
    accounts = [account(secret)]
    for _ in range(2):
        accounts.append(account(child(accounts[-1])))
    return root, accounts


def account(secret: str):
    from accounts.account import Account
    from accounts.key_secret import digest_of

    return Account.behind(digest_of(secret), timezone.now())


def child(parent) -> str:
    """The secret of a new child."""
    from accounts.key_tree import ChildKey, mint

    return mint(parent, ChildKey())[1]


def mint_first() -> object:
    """The mint is not yet committed when the revocation comes: of the parent, or of its parent's parent."""
    outcomes = []
    for generation in range(3):
        root, accounts = family()
        with transaction.atomic():
            secret = child(accounts[generation])
            revoking = Waiter(root.revoke)
        revoking.result()
        outcomes.append(account(secret) is not None)
    return outcomes


def revoke_first() -> object:
    """The revocation is not yet committed when the mint comes."""
    outcomes = []
    for generation in range(3):
        root, accounts = family()
        with transaction.atomic():
            root.revoke()
            minting = Waiter(lambda parent=accounts[generation]: child(parent))
        outcomes.append(minting.result())
    return outcomes


def storm() -> object:
    """Eight threads mint under whatever key they know while one revokes the root: how many keys live on."""
    from accounts.models import ApiKey

    alive = total = 0
    for _ in range(10):
        root, known = family()
        stop = threading.Event()
        outcomes: Counter[object] = Counter()

        def work(known=known, stop=stop, outcomes=outcomes) -> None:
            while not stop.is_set():
                try:
                    minted = account(child(random.choice(known)))
                    if minted is not None:
                        known.append(minted)
                except Exception as error:
                    outcomes[type(error).__name__] += 1
                    if type(error).__name__ == "InvalidApiKey":
                        break
            connection.close()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        until(lambda known=known: len(known) > 20)
        root.revoke()
        for thread in threads:
            thread.join(WAIT_SECONDS)
            assert not thread.is_alive()
        stop.set()
        assert set(outcomes) <= {"InvalidApiKey", "ScopeDenied"}, outcomes
        alive += ApiKey.objects.live(timezone.now()).filter(user=root.user).count()
        total += len(known)
    return [alive, total > 200]


def bound() -> object:
    """Fifty threads mint at once where there is room for five more keys."""
    from accounts.models import api_key

    root, accounts = family()
    api_key.MAX_LIVE_KEYS = 8
    start = threading.Barrier(50)
    outcomes: Counter[str] = Counter()

    def work(n: int) -> None:
        start.wait(WAIT_SECONDS)
        outcome = "StoreUnavailable"
        while outcome == "StoreUnavailable":
            # Fifty are more than the pool has connections: who gets none in time is told so, and asks again.
            try:
                child(accounts[n % 3])
                outcome = "minted"
            except Exception as error:
                outcome = type(error).__name__
            connection.close()
        outcomes[outcome] += 1

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return [outcomes["minted"], outcomes["QuotaExceeded"], root.user.keys.count()]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()))
