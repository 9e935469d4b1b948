"""The verbs, as their operations describe themselves."""

from memories.schema.components import Schema
from memories.schema.operation import Answer, Described, Operation
from memories.schema.parameters import REQUEST_ID, parameter_of
from stash_memory.errors import ContentLengthMismatch, PayloadTooLarge
from stash_memory.operations import SINGLES, VERBS, Verb
from stash_memory.operations.verb import BODY as IN_BODY

MEMORIES, MANY = "memories", "many memories"
BODY = (ContentLengthMismatch, PayloadTooLarge)


def link(operation_id: str, header: str | None = None) -> Schema:
    """A link to a next request about the memory; with `header`, only while it is this version."""
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


def described(verb: Verb, tag: str) -> Operation:
    """The verb as an operation of the document."""
    answers = {
        status: Answer(
            good.sentence,
            verb.shape if good.examples else None,
            good.examples,
            headers=["ETag"] if verb.answer else (),
            links=LINKS if verb.shape == "Kept" else {},
        )
        for status, good in verb.good.items()
    }
    return Operation(
        verb.name,
        tag,
        verb.summary,
        verb.description,
        answers=answers,
        errors=verb.errors,
        parameters=[
            *(parameter_of(member) for member in verb.members if member.place != IN_BODY),
            REQUEST_ID,
        ],
        body=(verb.body, verb.examples) if verb.body else None,
    )


class DescribedMemories(Described):
    """The verbs."""

    target_class = "memories.views.memory.MemoryViewSet"
    operations = {
        f"do_{kind.verb.name}": described(kind.verb, MEMORIES if kind in SINGLES else MANY) for kind in VERBS
    }
