"""Reads operations from requests: from a path, headers, a query and a JSON body, or from a batch's JSON."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, defstruct
from msgspec.structs import astuple
from rest_framework.request import Request

from accounts.scope import Scope
from memories.body import read_body
from memories.json_body import attributes, decoded, struct
from memories.target import check_path, number, query
from stash_memory.errors import InvalidRequest, StashError
from stash_memory.operations import (
    MOST_IN_ONE,
    SINGLES,
    VERBS,
    AnyOperation,
    ForgetPrefix,
    ListPage,
    Single,
    Stash,
)
from stash_memory.operations.verb import BODY, HEADER, INTEGER, QUERY, Member
from stash_memory.records import Buffer

# The request body of each verb that has one, by the name of its shape.
BODIES: dict[str, type[Struct]] = {
    kind.verb.body: struct(kind.verb.body, kind.verb.placed(BODY)) for kind in VERBS if kind.verb.body
}
READERS: dict[str, Callable[[Buffer], Struct]] = {
    name: msgspec.json.Decoder(body).decode for name, body in BODIES.items()
}

# One operation of a batch, told by its member `verb`.
STEPS: dict[type[Struct], type[Single]] = {
    struct(kind.__name__, kind.verb.members, tag_field="verb", tag=kind.verb.name): kind for kind in SINGLES
}
_Step: Any = None
for _step in STEPS:
    _Step = _step if _Step is None else _Step | _step
Step = _Step

# An array of at most so many, and reading stops at one more: as a list, 10 MB of `0,0,0` would take 350 MB.
Operations = defstruct(
    "Operations",
    [(f"operation_{number}", Raw | UnsetType, UNSET) for number in range(MOST_IN_ONE)],
    array_like=True,
    forbid_unknown_fields=True,
)


class Batch(Struct, forbid_unknown_fields=True):
    """`{"operations": [...]}`; each is read by itself, so that a bad one does not fail the rest."""

    operations: Operations  # type: ignore[valid-type]


class Plan(NamedTuple):
    """Where a request of one verb carries its members; looked up once, since this is on the way of every request."""

    headers: tuple[Member, ...]
    queries: tuple[Member, ...]
    names: tuple[str, ...]
    body: tuple[Member, ...]


PLANS = {
    kind: Plan(
        headers=kind.verb.placed(HEADER),
        queries=kind.verb.placed(QUERY),
        names=tuple(member.name for member in kind.verb.placed(QUERY)),
        body=kind.verb.placed(BODY),
    )
    for kind in VERBS
}
NOTHING = Plan((), (), (), ())

_read_batch = msgspec.json.Decoder(Batch).decode
_read_step = msgspec.json.Decoder(Step).decode


def operation_in(request: Request, kind: type[AnyOperation], memory_id: str | None) -> AnyOperation:
    """The request's operation, within the key's scope. Raises InvalidRequest, ScopeDenied, and what a body may."""
    verb, plan, account = kind.verb, PLANS[kind], request.auth
    found: dict[str, Any] = {}
    if memory_id is not None:
        check_path(request)
        found["id"] = memory_id
    for member in plan.headers:
        value = request.META.get(FIELDS[member.header])
        if value is not None:
            found[member.attribute] = member.read(value, member.header)
    if plan.queries:
        given = query(request, *plan.names)
        for member in plan.queries:
            text = given.get(member.name)
            if member.missing and not text:
                raise InvalidRequest(member.missing, field=member.name)
            if text is not None:
                value = number(text) if member.kind == INTEGER else text
                found[member.attribute] = member.read(value, member.name)
    if verb.body:
        body = read_body(request, account.limits.payload_bytes)
        fields = decoded(body, READERS[verb.body], holds_data=True)
        found |= attributes(plan.body, fields)
    return within(kind(**found), account.scope)


# The header fields that make requests conditional, as WSGI has them.
FIELDS = {"If-Match": "HTTP_IF_MATCH", "If-None-Match": "HTTP_IF_NONE_MATCH"}


def check_taken(request: Request, kind: type[AnyOperation] | None) -> None:
    """Raises InvalidRequest for a condition or a parameter that the write does not take.

    Passed over, it would happen otherwise than its client asked.
    """
    plan = NOTHING if kind is None else PLANS[kind]
    for name, field in FIELDS.items():
        if field in request.META and not any(member.header == name for member in plan.headers):
            raise InvalidRequest(
                f"This request takes no {name}; leave it out.", field=name.lower().replace("-", "_")
            )
    query(request, *plan.names)


def within(operation: AnyOperation, scope: Scope) -> AnyOperation:
    """The operation, within the key's scope. Raises ScopeDenied."""
    if operation.writes:
        scope.check_write()
    if isinstance(operation, Stash):
        return operation._replace(prefix=scope.prefix)
    if isinstance(operation, ListPage | ForgetPrefix):
        return operation._replace(prefix=scope.check_prefix(operation.prefix))
    scope.check_id(operation.id)
    return operation


def operations_in(body: Buffer, scope: Scope) -> Sequence[tuple[type[Single] | None, Single | StashError]]:
    """The batch's operations, each with its class if that is known, or the error of each. Raises InvalidRequest."""
    found = [text for text in astuple(decoded(body, _read_batch).operations) if text is not UNSET]
    if not found:
        raise InvalidRequest("operations are empty; a batch may hold 1 to 100.", field="operations")
    return [_operation(text, scope) for text in found]


def _operation(text: Raw, scope: Scope) -> tuple[type[Single] | None, Single | StashError]:
    kind = None
    try:
        fields = decoded(memoryview(text), _read_step)
        kind = STEPS[type(fields)]
        operation = kind(**attributes(kind.verb.members, fields))
        return kind, within(operation, scope)  # type: ignore[return-value]
    except StashError as error:
        return kind, error
