"""Every page of the admin, from the URL conf, and who may open it and send its form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")

EVERYBODY = {"superuser", "operator", "viewer"}
OPERATORS = {"superuser", "operator"}
SUPERUSERS = {"superuser"}
NOBODY: set[str] = set()


@dataclass(frozen=True)
class Access:
    """Of the roles, those who may open the page, and those whose form it takes. `open`: before the log-in."""

    read: frozenset[str] | set[str]
    write: frozenset[str] | set[str]
    open: bool = False


def pages_of(
    model: str, read: set[str], add: set[str], change: set[str], delete: set[str]
) -> dict[str, Access]:
    """Django's pages of one model. A list takes a form (its actions) from all who may change something in it."""
    return {
        f"{model}_changelist": Access(read, change | delete),
        f"{model}_add": Access(add, add),
        f"{model}_change": Access(read, change),
        f"{model}_delete": Access(delete, delete),
        f"{model}_history": Access(read, NOBODY),
    }


PAGES = {
    **pages_of("accounts_user", EVERYBODY, OPERATORS, OPERATORS, OPERATORS),
    **pages_of("accounts_apikey", EVERYBODY, OPERATORS, OPERATORS, NOBODY),
    **pages_of("accounts_tier", EVERYBODY, SUPERUSERS, SUPERUSERS, SUPERUSERS),
    **pages_of("accounts_poolmove", EVERYBODY, NOBODY, NOBODY, OPERATORS),
    **pages_of("accounts_auditentry", EVERYBODY, NOBODY, NOBODY, NOBODY),
    **pages_of("memories_purgerun", EVERYBODY, NOBODY, NOBODY, NOBODY),
    "auth_user_password_change": Access(SUPERUSERS, SUPERUSERS),
    "accounts_apikey_rotate": Access(OPERATORS, OPERATORS),
    "user_page": Access(EVERYBODY, NOBODY),
    "user_forget": Access(OPERATORS, OPERATORS),
    "index": Access(EVERYBODY, NOBODY),
    "app_list": Access(EVERYBODY, NOBODY),
    "usage": Access(EVERYBODY, NOBODY),
    "search": Access(EVERYBODY, NOBODY),
    "autocomplete": Access(EVERYBODY, NOBODY),
    "jsi18n": Access(EVERYBODY, NOBODY),
    "password_change": Access(EVERYBODY, EVERYBODY),
    "password_change_done": Access(EVERYBODY, NOBODY),
    "login": Access(EVERYBODY, EVERYBODY, open=True),
    "logout": Access(NOBODY, EVERYBODY, open=True),
    "sign_in": Access(EVERYBODY, EVERYBODY, open=True),
    "view_on_site": Access(NOBODY, NOBODY),
}
# No pages: they redirect, or answer that there is none.
PLUMBING = {None}


def known(name: str) -> Access:
    """Who may use the page. Raises LookupError with what is to be done for a new one."""
    if name not in PAGES:
        raise LookupError(
            f"The admin's page {name} is not in PAGES of tests/operators/admin/routes.py: say who may open it, and "
            "whose form it takes."
        )
    return PAGES[name]


def in_url_conf(patterns: list[Any] | None = None, before: str = "/") -> Iterator[tuple[str, str]]:
    """Each page's name with its path, parameters in braces."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + PARAMETER.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            if path.startswith("/admin/"):
                yield from in_url_conf(pattern.url_patterns, path)
        elif path.startswith("/admin/") and pattern.name not in PLUMBING:
            yield pattern.name, path
