"""Rights of a key over keys: mint narrower ones, list and revoke those that it may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.account import Account
from accounts.account_cache import cache
from accounts.key_rules import KEY_ID, end_of
from accounts.models import ApiKey, User
from accounts.models.api_key_queryset import ApiKeyQuerySet
from accounts.site_database import asked, changed
from stash_memory.errors import (
    InvalidApiKey,
    InvalidRequest,
    KeyNotFound,
    QuotaExceeded,
    ScopeDenied,
    StashError,
)
from stash_memory.limits import whole_seconds
from stash_memory.times import iso_of

# No tree of agents has this many levels.
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class ChildKey:
    """Wishes for a new child; None takes the parent's value."""

    name: str = ""
    read_only: bool | None = None
    prefix: str | None = None
    expires_in: int | None = None

    def fields(self, parent: ApiKey, now: datetime) -> dict[str, Any]:
        """Returns fields no wider than the parent's. Raises ScopeDenied, InvalidRequest, ValidationError."""
        if parent.read_only and self.read_only is False:
            raise ScopeDenied("This API key is read-only, and so are the keys that it mints.")
        if self.prefix is not None and not self.prefix.startswith(parent.prefix):
            raise ScopeDenied(f"The prefix of a key that this one mints must begin with {parent.prefix!r}.")
        return {
            "name": self.name,
            "read_only": parent.read_only if self.read_only is None else self.read_only,
            "prefix": parent.prefix if self.prefix is None else self.prefix,
            "expires_at": self.end(parent.expires_at, now),
        }

    def end(self, parents: datetime | None, now: datetime) -> datetime | None:
        """Returns when the child expires, or None. Raises ScopeDenied if that is after the parent's expiry."""
        if self.expires_in is None:
            return parents
        at = end_of(whole_seconds(self.expires_in, "expires_in"), now)
        if parents is not None and at > parents:
            left = int((parents - now).total_seconds())
            raise ScopeDenied(
                f"This API key expires at {iso_of(parents)}, in {left} seconds, and the keys that it mints do not"
                " outlive it; leave expires_in out for the same end."
            )
        return at


def mint(account: Account, child: ChildKey) -> tuple[ApiKey, str]:
    """Makes a child of the account's key; returns it with its secret, which is never shown again.

    Raises ScopeDenied for anything wider than the account's key, InvalidRequest, QuotaExceeded, StoreUnavailable,
    and InvalidApiKey if that key has just ended.
    """
    with changed():
        User.objects.lock_keys(User.objects.filter(public_id=account.user_id).values("pk"))
        # Read the time under the lock, for which revocations wait too.
        now = timezone.now()
        parent = ApiKey.objects.valid(now).select_related("user").filter(public_id=account.key_id).first()
        if parent is None:
            raise InvalidApiKey
        if parent.depth >= MAX_DEPTH:
            raise ScopeDenied(
                f"Keys descend from one another {MAX_DEPTH} deep at most, and this one is the last."
            )
        try:
            return ApiKey.issue(
                parent.user,
                parent=parent,
                depth=parent.depth + 1,
                kind=parent.kind,
                **child.fields(parent, now),
            )
        except ValidationError as error:
            raise refusal(error) from None


def visible_to(account: Account) -> ApiKeyQuerySet:
    """Returns the live keys that the account's key may see and revoke.

    A full key sees all keys of its user; any other sees itself and its descendants.
    """
    if account.scope.is_full:
        keys = ApiKey.objects.filter(user__public_id=account.user_id)
    else:
        keys = ApiKey.objects.filter(public_id=account.key_id).families()
    return keys.live(timezone.now())


def listed(account: Account) -> list[ApiKey]:
    """Returns the visible keys with their parents, newest first. Raises StoreUnavailable."""
    with asked():
        return list(visible_to(account).select_related("parent").order_by("-pk"))


def revoke(account: Account, key_id: str) -> None:
    """Revokes the key and its descendants: in this process at once, everywhere within a second.

    Raises StoreUnavailable, and KeyNotFound for every key that the account may not see, even if it exists.
    """
    # The database never sees a malformed id: it fails on some characters, and must not see a secret.
    if KEY_ID.fullmatch(key_id) is None:
        raise KeyNotFound
    with changed():
        if not visible_to(account).filter(public_id=key_id).revoke():
            raise KeyNotFound
    cache.drop(account.user_id)


def refusal(error: ValidationError) -> StashError:
    """Returns the model's first objection as an error of Stash."""
    field, [first, *_] = next(iter(error.error_dict.items()))
    if first.code == "quota_exceeded":
        return QuotaExceeded(first.messages[0])
    return InvalidRequest(first.messages[0], field=field)


class Member(NamedTuple):
    """A key and the number of its ancestors among the keys shown."""

    key: ApiKey
    level: int


def families(keys: Iterable[ApiKey]) -> list[Member]:
    """Orders the keys as a tree: each is followed by its children, and keys without a parent here are roots."""
    children: dict[int | None, list[ApiKey]] = {}
    known = {key.pk: key for key in keys}
    for key in known.values():
        children.setdefault(key.parent_id if key.parent_id in known else None, []).append(key)
    members: list[Member] = []
    waiting = [Member(key, 0) for key in reversed(children.get(None, []))]
    while waiting:
        member = waiting.pop()
        members.append(member)
        waiting += [Member(key, member.level + 1) for key in reversed(children.get(member.key.pk, []))]
    return members
