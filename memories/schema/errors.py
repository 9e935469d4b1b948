"""Every error of the tree as a shape and an example.

Nothing is listed here by hand: what `StashError` has for subclasses is described, and an error that adds a member
of its own to its problem document (RFC 9457) without a line in MEMBERS stops the schema.
"""

from collections.abc import Iterator

from memories.problems import document_of
from memories.schema.components import Schema, ref
from stash_memory.errors import (
    ContentLengthMismatch,
    InvalidRequest,
    MemoryExpired,
    PayloadTooLarge,
    RateLimited,
    StashError,
)

# The members that single errors add, and whether an error that has one always has it.
MEMBERS: dict[str, tuple[Schema, bool]] = {
    "field": ({"type": "string", "description": "The field, parameter or header at fault."}, False),
    "expired_at": ({"type": "string", "format": "date-time", "description": "When it expired, UTC."}, True),
    "limit_bytes": ({"type": "integer", "description": "The most that is allowed, in bytes."}, False),
    "applied": ({"enum": [True, False, "unknown"], "description": "Whether the write was done."}, True),
}
# Of those whose own sentence is not an example good enough, or that cannot be made without a fact.
EXAMPLES: dict[type[StashError], StashError] = {
    InvalidRequest: InvalidRequest(
        "ttl must be a whole number of seconds, at least 1; leave it out for the default.", field="ttl"
    ),
    ContentLengthMismatch: ContentLengthMismatch(
        "Content-Length declared 100 bytes and 54 came; nothing was stored."
    ),
    MemoryExpired: MemoryExpired(1_768_476_600_000),
    PayloadTooLarge: PayloadTooLarge(
        "The body is too large; data may be 1,048,576 bytes of JSON text.", limit_bytes=1_048_576
    ),
    RateLimited: RateLimited(2_000),
    StashError: StashError("Stash failed to answer; the fault is logged."),
}
# What the HTTP server itself answers to requests that the application never sees (stash_site/server/answer.py).
UNSEEN = {
    414: "The request line is too long.",
    417: "Of all expectations only 100-continue is supported.",
    431: "The request's headers are too long, or too many.",
    501: "Of all transfer codings only chunked is supported.",
}


def tree(kind: type[StashError] = StashError) -> Iterator[type[StashError]]:
    """Every class of error that a client may see: it has a code of its own, and does not only gather others."""
    children = [child for child in kind.__subclasses__() if "code" in vars(child)]
    if "status" in vars(kind) or not children:
        yield kind
    for child in children:
        yield from tree(child)


def name_of(kind: type[StashError]) -> str:
    """The name of its shape: `memory_not_found` is MemoryNotFound."""
    return kind.code.title().replace("_", "")


def words_of(kind: type[StashError]) -> str:
    """The error's docstring, without its example in Python."""
    return (kind.__doc__ or "").partition(">>>")[0].strip()


def example(kind: type[StashError]) -> StashError:
    """One such error."""
    return EXAMPLES.get(kind) or kind()


def shapes() -> dict[str, Schema]:
    """The shape of every error, and Problem, which is any of them."""
    kinds = sorted(tree(), key=lambda kind: (kind.status, kind.code))
    found = {name_of(kind): shape(kind) for kind in kinds}
    mapping = {kind.code: ref(name_of(kind))["$ref"] for kind in kinds}
    found["Problem"] = {
        "description": "Any error (RFC 9457): `detail` is one sentence for people, `code` is for programs.",
        "oneOf": [ref(name) for name in found],
        "discriminator": {"propertyName": "code", "mapping": mapping},
    }
    return found


def shape(kind: type[StashError]) -> Schema:
    """The shape of one class of error."""
    document = document_of(example(kind))
    statuses = [kind.status, *UNSEEN] if kind is InvalidRequest else [kind.status]
    properties = {
        "type": {"const": document["type"]},
        "title": {"const": kind.title},
        "status": {"enum": statuses},
        "detail": {"type": "string"},
        "code": {"const": kind.code},
    }
    required = list(properties)
    for member in example(kind).extra():
        properties[member], always = MEMBERS[member]
        required += [member] if always else []
    return {
        "type": "object",
        "description": words_of(kind),
        "properties": properties,
        "required": required,
    }
