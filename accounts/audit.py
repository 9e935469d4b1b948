"""Records operators' changes in the audit log, in the same transaction as the change."""

import logging
import pwd
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import getuid
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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, and from where.

    What one who is `logged` does has a line in the log, too. A command's does not: its output is its answer.
    """

    id: str
    email: str
    address: str | None = None
    logged: bool = True

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        """The operator who made the request."""
        return cls(request.user.public_id, request.user.email, request.META.get("REMOTE_ADDR") or None)

    @classmethod
    def at_shell(cls, command: str) -> "Actor":
        """Whoever runs a management command: the system's user and machine, which is all that is known."""
        try:
            name = pwd.getpwuid(getuid()).pw_name
        except KeyError:
            # A container may run as a number that nobody has.
            name = str(getuid())
        return cls(f"manage.py {command}"[:32], f"{name}@{socket.gethostname()}"[:254], logged=False)


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
            # Names are not unique among objects of one kind: a key's parent is told by its id.
            same = isinstance(related, type(found))
            taken[field.name] = None if related is None else related.public_id if same else str(related)
        else:
            taken[field.name] = field.value_from_object(found)
    return taken


def entry_of(
    actor: Actor, action: str, found: models.Model, before: Snapshot | None, after: Snapshot | None
) -> AuditEntry | None:
    """What the actor did to the object; None where it made no difference."""
    if before == after:
        return None
    changed = {
        name
        for name in (before or {}).keys() | (after or {}).keys()
        if before is None or after is None or before[name] != after[name]
    }
    return AuditEntry(
        operator_id=actor.id,
        operator_email=actor.email,
        address=actor.address,
        action=action,
        kind=str(found._meta.verbose_name),
        object_id=str(getattr(found, "public_id", found.pk)),
        label=str(found)[:254],
        before=public(before, changed),
        after=public(after, changed),
    )


def record(
    by: HttpRequest | Actor,
    action: str,
    found: models.Model,
    before: Snapshot | None,
    after: Snapshot | None,
) -> None:
    """Writes down what was done to one object, if it made a difference."""
    actor = by if isinstance(by, Actor) else Actor.of(by)
    entry = entry_of(actor, action, found, before, after)
    if entry is not None:
        entry.save()
        tell(actor, [entry])


def tell(actor: Actor, entries: Sequence[AuditEntry]) -> None:
    """A line of the log for each, once they are committed."""
    if not actor.logged:
        return

    def write() -> None:
        for entry in entries:
            fields = {
                "user_id": entry.operator_id,
                "action": entry.action,
                "kind": entry.kind,
                "object_id": entry.object_id,
            }
            log.info("admin_changed", extra={"fields": fields})

    transaction.on_commit(write)


def public(taken: Snapshot | None, changed: set[str]) -> Snapshot | None:
    """What may be written down of these fields."""
    if taken is None:
        return None
    return {name: HIDDEN if name in SECRET else value for name, value in taken.items() if name in changed}


@contextmanager
def audited(by: HttpRequest | Actor, action: str, objects: Iterable[models.Model]) -> Iterator[None]:
    """What the block changes in the database of these objects is recorded; all of it is done, or nothing.

    with audited(request, "revoked", keys):
        keys.revoke()
    """
    found = list(objects)
    actor = by if isinstance(by, Actor) else Actor.of(by)
    with transaction.atomic():
        before = {pk: snapshot(one) for pk, one in read(found).items()}
        yield
        now = read(found)
        entries = []
        for one in found:
            left = now.get(one.pk)
            after = None if left is None else snapshot(left)
            entries.append(entry_of(actor, action, left or one, before.get(one.pk), after))
        written = AuditEntry.objects.bulk_create([entry for entry in entries if entry is not None])
        tell(actor, written)


def read(objects: Sequence[models.Model]) -> dict[Any, models.Model]:
    """What the database has of these now, by primary key, with all that a snapshot names: in a few queries."""
    if not objects:
        return {}
    meta = objects[0]._meta
    related = [field.name for field in meta.concrete_fields if field.is_relation]
    many = [field.name for field in meta.many_to_many]
    found = meta.default_manager.select_related(*related).prefetch_related(*many)
    return found.in_bulk([one.pk for one in objects])
