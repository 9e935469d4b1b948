"""The audit log, for operators to read."""

import json
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import AuditEntry
from operators.site import site

# A line of the list shows this many changes, and this many characters of each.
SHOWN, LONGEST = 3, 40


class Change(NamedTuple):
    """One field before and after, as text; None if there was no object."""

    field: str
    before: str | None
    after: str | None


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ModelAdmin):
    """The audit log, read-only."""

    list_display = ("at", "operator_email", "address", "action", "kind", "label", "in_short")
    list_filter = ("action", "kind")
    search_fields = ("operator_email", "operator_id", "object_id", "label")
    fields = readonly_fields = (
        "at",
        "operator_email",
        "operator_id",
        "address",
        "action",
        "kind",
        "label",
        "object_id",
        "in_full",
    )
    date_hierarchy = "at"
    show_full_result_count = False
    list_fullwidth = True

    @display(description="What changed")
    def in_short(self, entry: AuditEntry) -> str:
        """Words changes as `tier: free → pro, burst: nothing → 5`, and a small new object as `memories: 12`."""
        changes = changes_of(entry)
        if entry.before is None and len(changes) <= SHOWN:
            return ", ".join(f"{one.field}: {shorten(one.after)}" for one in changes)
        if entry.before is None or entry.after is None:
            return "-"
        told = [
            f"{one.field}: {shorten(one.before)} \N{RIGHTWARDS ARROW} {shorten(one.after)}"
            for one in changes[:SHOWN]
        ]
        more = [f"{len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
        return ", ".join([*told, *more])

    @display(description="What changed")
    def in_full(self, entry: AuditEntry) -> str:
        """Renders all changes as a table."""
        return render_to_string(
            "admin/accounts/changes.html",
            {
                "changes": changes_of(entry),
                "is_new": entry.before is None,
                "is_gone": entry.after is None,
            },
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Denies it: operators' changes make entries."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Denies it: entries are final."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Denies it: entries are final."""
        return False


def changes_of(entry: AuditEntry) -> list[Change]:
    """Returns the changed fields, sorted by name."""
    before, after = entry.before, entry.after
    return [
        Change(
            name.replace("_", " "),
            None if before is None else word(before.get(name)),
            None if after is None else word(after.get(name)),
        )
        for name in sorted((before or {}).keys() | (after or {}).keys())
    ]


def word(value: Any) -> str:
    """Words the value of a field."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(word, value))
    return value if isinstance(value, str) else json.dumps(value)


def shorten(text: str | None) -> str:
    """Cuts the text to fit on a line of the list."""
    text = text or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"
