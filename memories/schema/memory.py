"""The verbs, and what a prefix has in common."""

from memories.schema.components import Schema
from memories.schema.operation import Answer, Described, Operation
from memories.schema.parameters import (
    CURSOR,
    EXTEND,
    FORGET_PREFIX,
    IF_MATCH,
    IF_NONE_MATCH,
    LIMIT,
    LIST_PREFIX,
    MEMORY_ID,
    PUT_IF_MATCH,
    PUT_IF_NONE_MATCH,
    REQUEST_ID,
)
from stash_memory.errors import (
    ContentLengthMismatch,
    MemoryExpired,
    MemoryNotFound,
    PayloadTooLarge,
    PreconditionFailed,
    QuotaExceeded,
    ScopeDenied,
)

MEMORIES, MANY = "memories", "many memories"

DATA = {"task": "summarize", "progress": 0.5}
KEPT = {"memory_id": "xK9mP2nQ", "ttl": 600, "expires_at": "2026-01-15T11:30:00Z"}
OWN_KEPT = {**KEPT, "memory_id": "run-42/plan"}

MISSING = (MemoryNotFound, MemoryExpired)
BODY = (ContentLengthMismatch, PayloadTooLarge)


def link(operation_id: str, header: str | None = None) -> Schema:
    """To what may be done next with a memory: while `header` says that it is this version, where it is given."""
    parameters = {"path.memory_id": "$response.body#/memory_id"}
    if header is not None:
        parameters[f"header.{header}"] = "$response.header.ETag"
    return {"operationId": operation_id, "parameters": parameters}


LINKS = {
    "recall": link("recall"),
    "recall_if_changed": link("recall", "If-None-Match"),
    "update": link("update"),
    "update_if_unchanged": link("update", "If-Match"),
    "replace_if_unchanged": link("put", "If-Match"),
    "forget": link("forget"),
    "forget_if_unchanged": link("forget", "If-Match"),
}

STASH = Operation(
    "stash",
    MEMORIES,
    "Stash a value",
    "Keeps `data` until its TTL runs out, under an id that is made here. A key with a prefix makes ids that begin "
    "with it. Never sent twice by itself: where an answer got lost, PUT is the safe form.",
    body=(
        "StashFields",
        {"for ten minutes": {"data": DATA, "ttl": 600}, "for the default TTL": {"data": [1, 2.50, None]}},
    ),
    answers={
        201: Answer("Kept.", "Kept", {"kept": KEPT}, headers=["ETag"], links=LINKS),
    },
    errors=(ScopeDenied, QuotaExceeded, *BODY),
    parameters=[REQUEST_ID],
)
PUT = Operation(
    "put",
    MEMORIES,
    "Stash a value under an id of one's own",
    "Creates the memory or replaces it, data and life: with If-Match only a version that is known, with "
    "If-None-Match `*` never one that is there. Safe to send again.",
    body=("StashFields", {"replace or create": {"data": {"step": 3}, "ttl": 600}}),
    answers={
        200: Answer("Replaced.", "Kept", {"replaced": OWN_KEPT}, headers=["ETag"], links=LINKS),
        201: Answer("Created.", "Kept", {"created": OWN_KEPT}, headers=["ETag"], links=LINKS),
    },
    errors=(ScopeDenied, PreconditionFailed, QuotaExceeded, *BODY),
    parameters=[MEMORY_ID, PUT_IF_MATCH, PUT_IF_NONE_MATCH, REQUEST_ID],
)
RECALL = Operation(
    "recall",
    MEMORIES,
    "Recall a memory",
    "The data, byte for byte as it was stashed, as often as you like. Reading does not extend a life; `extend` does. "
    "HEAD answers the same headers without the body.",
    answers={
        200: Answer(
            "The memory.",
            "Recalled",
            {"recalled": {"memory_id": "run-42/plan", "ttl_remaining": 597, "data": DATA}},
            headers=["ETag"],
        ),
        304: Answer("The version in If-None-Match is still the memory's.", headers=["ETag"]),
    },
    errors=(ScopeDenied, *MISSING),
    parameters=[MEMORY_ID, EXTEND, IF_NONE_MATCH, REQUEST_ID],
)
UPDATE = Operation(
    "update",
    MEMORIES,
    "Update a memory",
    "Replaces the data, adds to the life, or both: one of them at least. `extra_seconds` adds to what remains, held "
    "to the user's maximum from now; the answer has the true expiry. Not safe to send again with `extra_seconds`.",
    body=(
        "UpdateFields",
        {
            "replace the data": {"data": {**DATA, "progress": 1.0}},
            "live longer": {"extra_seconds": 600},
            "both": {"data": None, "extra_seconds": 60},
        },
    ),
    answers={
        200: Answer(
            "Updated.",
            "Updated",
            {
                "updated": {
                    "memory_id": "run-42/plan",
                    "ttl_remaining": 1195,
                    "expires_at": "2026-01-15T11:40:00Z",
                }
            },
            headers=["ETag"],
        )
    },
    errors=(ScopeDenied, *MISSING, PreconditionFailed, QuotaExceeded, *BODY),
    parameters=[MEMORY_ID, IF_MATCH, REQUEST_ID],
)
FORGET = Operation(
    "forget",
    MEMORIES,
    "Forget a memory",
    "Deletes it at once, with If-Match only the version that is known.",
    answers={204: Answer("Forgotten.")},
    errors=(ScopeDenied, *MISSING, PreconditionFailed),
    parameters=[MEMORY_ID, IF_MATCH, REQUEST_ID],
)
LIST = Operation(
    "list",
    MANY,
    "List memories",
    "The user's live memories, without their data, in the byte order of their ids, a page at a time: `cursor` of one "
    "page asks for the next, until it is null.",
    answers={
        200: Answer(
            "One page.",
            "ListingPage",
            {
                "a last page": {
                    "memories": [
                        {
                            "memory_id": "run-42/plan",
                            "bytes": 38,
                            "ttl_remaining": 597,
                            "expires_at": "2026-01-15T11:30:00Z",
                        }
                    ],
                    "cursor": None,
                }
            },
        )
    },
    errors=(ScopeDenied,),
    parameters=[LIST_PREFIX, CURSOR, LIMIT, REQUEST_ID],
)
FORGET_BY_PREFIX = Operation(
    "forget_prefix",
    MANY,
    "Forget every memory whose id begins with a prefix",
    "Deletes them at once. End a prefix with `/`, or `run-4` covers `run-42` too.",
    answers={200: Answer("Forgotten.", "Forgotten", {"forgotten": {"forgotten": 12}})},
    errors=(ScopeDenied,),
    parameters=[FORGET_PREFIX, REQUEST_ID],
)


class DescribedMemories(Described):
    """The verbs."""

    target_class = "memories.views.memory.MemoryViewSet"
    operations = {
        "stash": STASH,
        "stash_as": PUT,
        "recall": RECALL,
        "update": UPDATE,
        "forget": FORGET,
        "list": LIST,
        "forget_prefix": FORGET_BY_PREFIX,
    }
