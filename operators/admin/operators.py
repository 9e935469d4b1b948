"""Whose accounts an operator may touch."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User

SENTENCE = "Accounts of operators are for superusers to change."


def may_touch(operator: Any, user: User | None) -> bool:
    """Other operators', and one's own, are for superusers: they log in to the admin, or may do everything there."""
    return operator.is_superuser or user is None or not (user.is_staff or user.is_superuser)


def untouchable(operator: Any, users: QuerySet[User]) -> QuerySet[User]:
    """Those of the users whom the operator may not touch."""
    return users.none() if operator.is_superuser else users.filter(Q(is_staff=True) | Q(is_superuser=True))
