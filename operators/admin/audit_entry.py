"""The audit log, as operators read it."""

import json
from typing import Any, NamedTuple

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import AuditEntry
from operators.site import site

# A line of the list shows so many changes, and so much of each.
SHOWN, LONGEST = 3, 40


class Change(NamedTuple):
    """One field, before and after, as text; None where there was no object."""

    field: str
    before: str | None
    after: str | None


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ModelAdmin):
    """The audit log, to be read."""

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
        """`tier: free → pro, burst: nothing → 5`; of what is new as a whole, where it is little, `memories: 12`."""
        changes = changes_of(entry)
        if entry.before is None and len(changes) <= SHOWN:
            return ", ".join(f"{one.field}: {shortened(one.after)}" for one in changes)
        if entry.before is None or entry.after is None:
            return "-"
        told = [
            f"{one.field}: {shortened(one.before)} \N{RIGHTWARDS ARROW} {shortened(one.after)}"
            for one in changes[:SHOWN]
        ]
        more = [f"{len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
        return ", ".join([*told, *more])

    @display(description="What changed")
    def in_full(self, entry: AuditEntry) -> str:
        """A table."""
        return render_to_string(
            "admin/accounts/changes.html",
            {
                "changes": changes_of(entry),
                "is_new": entry.before is None,
                "is_gone": entry.after is None,
            },
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entries are made by what operators do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody changes them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody deletes them."""
        return False


def changes_of(entry: AuditEntry) -> list[Change]:
    """The fields, in the order of their names."""
    before, after = entry.before, entry.after
    return [
        Change(
            name.replace("_", " "),
            None if before is None else told(before.get(name)),
            None if after is None else told(after.get(name)),
        )
        for name in sorted((before or {}).keys() | (after or {}).keys())
    ]


def told(value: Any) -> str:
    """A field's value, in words."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(told, value))
    return value if isinstance(value, str) else json.dumps(value)


def shortened(text: str | None) -> str:
    """What fits on a line of the list."""
    text = text or ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\N{HORIZONTAL ELLIPSIS}"
