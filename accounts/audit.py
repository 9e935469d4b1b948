"""Records operators' changes in the audit log, in the same transaction as the change."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.http import HttpRequest

from accounts.models.audit_entry import AuditEntry

log = logging.getLogger("stash.audit")

# What these hold is never written down, only that it changed.
SECRET = {"password", "digest"}
HIDDEN = "hidden"
# They change by themselves, and not by an operator's hand.
UNWATCHED = {"last_login", "last_used_at"}

Snapshot = dict[str, Any]


def snapshot(found: models.Model) -> Snapshot:
    """The object's fields by name, secrets included: for `record` alone. Others it refers to are told by name."""
    taken: Snapshot = {}
    for field in (*found._meta.concrete_fields, *found._meta.many_to_many):
        if field.name in UNWATCHED:
            continue
        if field.many_to_many:
            taken[field.name] = sorted(map(str, getattr(found, field.name).all()))
        elif field.is_relation:
            related = getattr(found, field.name)
            taken[field.name] = None if related is None else str(related)
        else:
            taken[field.name] = field.value_from_object(found)
    return taken


def record(
    request: HttpRequest, action: str, found: models.Model, before: Snapshot | None, after: Snapshot | None
) -> None:
    """What the request's operator did to the object, if it made a difference."""
    if before == after:
        return
    changed = {
        name
        for name in (before or {}).keys() | (after or {}).keys()
        if before is None or after is None or before[name] != after[name]
    }
    entry = AuditEntry.objects.create(
        operator_id=request.user.public_id,
        operator_email=request.user.email,
        address=request.META.get("REMOTE_ADDR") or None,
        action=action,
        kind=str(found._meta.verbose_name),
        object_id=str(getattr(found, "public_id", found.pk)),
        label=str(found)[:254],
        before=public(before, changed),
        after=public(after, changed),
    )
    fields = {
        "user_id": entry.operator_id,
        "action": action,
        "kind": entry.kind,
        "object_id": entry.object_id,
    }
    transaction.on_commit(lambda: log.info("admin_changed", extra={"fields": fields}))


def public(taken: Snapshot | None, changed: set[str]) -> Snapshot | None:
    """What may be written down of these fields."""
    if taken is None:
        return None
    return {name: HIDDEN if name in SECRET else value for name, value in taken.items() if name in changed}


@contextmanager
def audited(request: HttpRequest, action: str, objects: Iterable[models.Model]) -> Iterator[None]:
    """What the block changes in the database of these objects is recorded; all of it is done, or nothing.

    with audited(request, "revoked", keys):
        keys.revoke()
    """
    found = list(objects)
    with transaction.atomic():
        before = {pk: snapshot(one) for pk, one in read(found).items()}
        yield
        now = read(found)
        for one in found:
            left = now.get(one.pk)
            record(request, action, left or one, before[one.pk], None if left is None else snapshot(left))


def read(objects: Sequence[models.Model]) -> dict[Any, models.Model]:
    """What the database has of these now, by primary key, with all that a snapshot names: in one query."""
    if not objects:
        return {}
    meta = objects[0]._meta
    related = [field.name for field in meta.concrete_fields if field.is_relation]
    return meta.default_manager.select_related(*related).in_bulk([one.pk for one in objects])
