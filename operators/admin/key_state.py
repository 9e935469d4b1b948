"""Live keys, and those that have ended."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone


class StateFilter(SimpleListFilter):
    """By what `ApiKey.state` says."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Its four words."""
        return [(word, word.capitalize()) for word in ("live", "replaced", "expired", "revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The keys in that state."""
        now = timezone.now()
        works = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
        states = {
            "live": works & Q(replaced_by=None),
            "replaced": works & Q(replaced_by__isnull=False),
            "expired": Q(revoked_at=None, expires_at__lte=now),
            "revoked": Q(revoked_at__isnull=False),
        }
        return queryset.filter(states.get(self.value() or "", Q()))
