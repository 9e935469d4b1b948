"""Answers that are errors: an operation names the classes that it may raise; those of one status share an answer."""

from collections.abc import Iterable

from memories.problems import document_of, retry_after
from memories.schema.components import Schema, ref
from memories.schema.errors import UNSEEN, example, name_of, words_of
from memories.schema.headers import COMPONENTS, headers
from stash_memory.errors import (
    InvalidApiKey,
    InvalidRequest,
    RateLimited,
    RequestTimeout,
    StashError,
    StoreFull,
    StoreUnavailable,
)

Kind = type[StashError]
Kinds = tuple[Kind, ...]

# What an operation may answer without a key, and with one.
KEYLESS: Kinds = (InvalidRequest, RequestTimeout, StashError)
KEYED: Kinds = (*KEYLESS, InvalidApiKey, RateLimited, StoreUnavailable, StoreFull)


def by_status(kinds: Kinds) -> dict[int, Kinds]:
    """The classes that have one status, for each status."""
    statuses = sorted({kind.status for kind in kinds})
    return {status: tuple(kind for kind in kinds if kind.status == status) for status in statuses}


def references(kinds: Kinds) -> dict[str, Schema]:
    """By status, what an operation that may raise these answers: references to what `responses` has."""
    names = {status: name_of_answer(group) for status, group in by_status(kinds).items()}
    names |= {status: unseen_name(status) for status in UNSEEN}
    return {str(status): {"$ref": f"#/components/responses/{names[status]}"} for status in sorted(names)}


def responses(operations: Iterable[Kinds]) -> dict[str, Schema]:
    """Every answer that `references` refers to, by its name, where these are the operations' errors."""
    groups = {group for kinds in operations for group in by_status(kinds).values()}
    found = {name_of_answer(group): response(group) for group in groups}
    found |= {unseen_name(status): unseen(status) for status in UNSEEN}
    return dict(sorted(found.items()))


def name_of_answer(group: Kinds) -> str:
    """InvalidRequestOrContentLengthMismatch."""
    return "Or".join(name_of(kind) for kind in group)


def unseen_name(status: int) -> str:
    """Refused414."""
    return f"Refused{status}"


def response(group: Kinds) -> Schema:
    """The answer that is one of these errors."""
    sentences = [f"`{kind.code}`: {words_of(kind)}" for kind in group]
    known = {kind.code: document_of(example(kind)) for kind in group}
    found = problem("\n\n".join(sentences), group, known)
    waits = [retry_after(example(kind)) is not None for kind in group]
    if any(waits):
        found["headers"]["Retry-After"] = {**COMPONENTS["Retry-After"], "required": all(waits)}
    if InvalidApiKey in group:
        found["headers"] |= headers("WWW-Authenticate")
    if set(group) & set(KEYLESS):
        # The HTTP server answers so too, before a request has an id.
        found["headers"]["X-Request-ID"] = {**COMPONENTS["X-Request-ID"], "required": False}
    return found


def unseen(status: int) -> Schema:
    """What the HTTP server itself answers."""
    document = {**document_of(InvalidRequest(UNSEEN[status])), "status": status}
    found = problem(UNSEEN[status], (InvalidRequest,), {InvalidRequest.code: document})
    del found["headers"]["X-Request-ID"]
    return found


def problem(description: str, group: Kinds, known: dict[str, Schema]) -> Schema:
    """A response of problem+json, with an example for each code."""
    refs = [ref(name_of(kind)) for kind in group]
    examples = {code: {"value": document} for code, document in known.items()}
    content = {"schema": refs[0] if len(refs) == 1 else {"oneOf": refs}, "examples": examples}
    return {
        "description": description,
        "headers": headers("RateLimit-Policy", "RateLimit"),
        "content": {"application/problem+json": content},
    }
