"""API keys in bulk: which are live, who descends from whom, and their end."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.models.user import User

if TYPE_CHECKING:
    from accounts.models.api_key import ApiKey  # noqa: F401 - the string below names it

# `parent` alone says who descends from whom. A path of ids in each row would save the recursion, of at most eight
# steps along an index, and be a second truth: its LIKE ignores case on SQLite and needs an index of its own kind on
# PostgreSQL. This reads the same on both.
FAMILIES = (
    "WITH RECURSIVE family (id) AS ({roots} UNION"
    " SELECT child.id FROM accounts_apikey AS child JOIN family ON child.parent_id = family.id)"
    " SELECT id FROM family"
)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys in bulk."""

    def live(self, now: datetime) -> "ApiKeyQuerySet":
        """Neither revoked nor expired."""
        unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at__isnull=True)

    def valid(self, now: datetime) -> "ApiKeyQuerySet":
        """Live, of a user who is not suspended. No look at parents: what ends one ends its descendants with it."""
        return self.live(now).filter(user__is_active=True)

    def families(self) -> "ApiKeyQuerySet":
        """These keys and all that descend from them, at any depth."""
        try:
            roots, values = self.order_by().values("pk").query.get_compiler(self.db).as_sql()
        except EmptyResultSet:
            return self.none()
        return ApiKeyQuerySet(self.model, using=self._db).filter(
            pk__in=RawSQL(FAMILIES.format(roots=roots), values)  # noqa: S611 - both parts are the ORM's and ours
        )

    def revoke(self) -> int:
        """Revokes these and all their descendants in one statement; returns how many were not revoked before.

        Refused from then on: everywhere within a second.
        """
        with transaction.atomic(using=self.db):
            users = User.objects.lock_keys(self.order_by().values("user"))
            family = self.filter(user__in=users).families()
            return family.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())

    def end_with(self, at: datetime) -> int:
        """None of these, nor of their descendants, lives longer than `at`; returns how many would have."""
        later = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
        return self.families().filter(later).update(expires_at=at)
