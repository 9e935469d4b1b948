"""Cache of the accounts that were looked up within the last second."""

import time
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from accounts.account import Account
from accounts.models import User
from accounts.site_database import asked
from accounts.usage.buffer import buffer

# A revoked key is refused everywhere within one second, counted from the read.
SECONDS = 1.0
SIZE = 10_000


class AccountCache:
    """Finds the account behind a key; a key seen within the last second costs no query. One for each process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.accounts: dict[bytes, tuple[float, Account]] = {}
        self.drops = 0

    def __contains__(self, digest: bytes) -> bool:
        """Tells whether the key with this digest was valid at its last lookup."""
        return digest in self.accounts

    def find(self, digest: bytes) -> Account | None:
        """Returns the account behind the key with this digest, or None if the key is not valid."""
        hit = self.accounts.get(digest)
        # The age counts from before the query, because a key may be revoked while the answer is on its way.
        now = self.clock()
        if hit is None or now - hit[0] >= SECONDS:
            hit = self.read(digest, now)
        if hit is None:
            return None
        account = hit[1]
        if account.expires_at is not None and account.expires_at <= timezone.now():
            return None
        return account

    def read(self, digest: bytes, now: float) -> tuple[float, Account] | None:
        """Asks the database. Raises StoreUnavailable."""
        at, drops = timezone.now(), self.drops
        with asked():
            account = Account.behind(digest, at)
            if account is not None:
                buffer.use(account.key_id, at)
        if account is None:
            self.accounts.pop(digest, None)
            return None
        if len(self.accounts) >= SIZE:
            self.accounts.clear()
        self.accounts[digest] = (now, account)
        if drops != self.drops:
            # A key was revoked meanwhile, perhaps this one: the account serves this request only.
            self.accounts.pop(digest, None)
        return now, account

    def drop(self, user_id: str) -> None:
        """Forgets this user's accounts, so that this process refuses keys revoked just now."""
        self.drops += 1
        for digest, (_, account) in list(self.accounts.items()):
            if account.user_id == user_id:
                self.accounts.pop(digest, None)


cache = AccountCache()


def forget_accounts(users: Iterable[User]) -> None:
    """Drops the users from this process's cache once the change is committed; others follow within a second."""
    for user in users:
        transaction.on_commit(lambda user=user: cache.drop(user.public_id))
