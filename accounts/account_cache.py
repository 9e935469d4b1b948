"""Accounts that were looked up within the last second."""

import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from accounts.account import Account
from accounts.models import ApiKey
from accounts.site_database import asked

# A revoked key is refused everywhere within one second, counted from the read.
SECONDS = 1.0
SIZE = 10_000
# How exact "last used" is.
TOUCH_SECONDS = 60.0


class AccountCache:
    """One in each process. A key that was seen within the last second costs no query."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.accounts: dict[bytes, tuple[float, Account]] = {}
        self.touched: dict[str, float] = {}
        self.drops = 0

    def find(self, digest: bytes) -> Account | None:
        """The account behind the key with this digest, if the key is valid."""
        hit = self.accounts.get(digest)
        # The age is taken before the query is sent: what it reads may be revoked while it is on its way.
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
                self.touch(account.key_id, at, now)
        if account is None:
            self.accounts.pop(digest, None)
            return None
        if len(self.accounts) >= SIZE:
            self.accounts.clear()
        self.accounts[digest] = (now, account)
        if drops != self.drops:
            # What was read may be older than what was revoked meanwhile: it is good for this request alone.
            self.accounts.pop(digest, None)
        return now, account

    def drop(self, user_id: str) -> None:
        """Forgets this user's accounts: the keys that were revoked just now are refused by this process at once."""
        self.drops += 1
        for digest, (_, account) in list(self.accounts.items()):
            if account.user_id == user_id:
                self.accounts.pop(digest, None)

    def touch(self, key_id: str, at: datetime, now: float) -> None:
        """Notes that the key is used: at most once a minute in each process, and never among the hits."""
        if now - self.touched.get(key_id, float("-inf")) < TOUCH_SECONDS:
            return
        if len(self.touched) >= SIZE:
            self.touched.clear()
        self.touched[key_id] = now
        ApiKey.touch([key_id], at)


cache = AccountCache()
