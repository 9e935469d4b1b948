"""The shapes of bodies, from the types that the views read and write them with."""

from typing import Any, TypeAlias

from msgspec.json import schema_components

from memories.documents import Forgotten, ListingPage
from memories.key_json import KeyFields, KeyList, MintedKey, Whoami
from memories.reading import BODIES, Batch, Step
from stash_memory.operations import MOST_IN_ONE, VERBS, Update
from stash_memory.operations.verb import Verb

Schema: TypeAlias = dict[str, Any]

REF = "#/components/schemas/"
REQUESTS = (*BODIES.values(), Batch, KeyFields)
ANSWERS = (ListingPage, Forgotten, MintedKey, KeyList, Whoami)
# The sentence about each shape of an answer that is one memory.
SHAPES = {
    "Kept": "A memory as it was just kept.",
    "Updated": "A memory as it is after an update.",
    "Recalled": "A memory with its data, byte for byte as it was stashed.",
}


def ref(name: str) -> Schema:
    """A reference to the shape of this name."""
    return {"$ref": REF + name}


def shapes() -> dict[str, Schema]:
    """Every shape by its name; a batch's operations are named BatchStash, BatchPut..."""
    _, found = schema_components((*REQUESTS, *ANSWERS), ref_template=REF + "{name}")
    (step,), steps = schema_components((Step,), ref_template=REF + "Batch{name}")
    found |= {f"Batch{name}": shape for name, shape in steps.items()}
    for shape in found.values():
        del shape["title"]
    found |= {kind.verb.shape: answer(kind.verb) for kind in VERBS if kind.verb.answer}
    add_rules(found)
    found["Batch"]["properties"]["operations"] |= {
        "items": {"oneOf": step["anyOf"], "discriminator": step["discriminator"]},
        "minItems": 1,
        "maxItems": MOST_IN_ONE,
    }
    found["BatchAnswer"] = batch_answer()
    return found


def answer(verb: Verb) -> Schema:
    """The shape of the verb's answer, if that is one memory."""
    properties: Schema = {
        part.name: {"type": part.kind, "description": part.description, **part.rules} for part in verb.answer
    }
    properties |= {"data": {}} if verb.data else {}
    return {
        "type": "object",
        "description": SHAPES[verb.shape],
        "properties": properties,
        "required": list(properties),
    }


def add_rules(found: dict[str, Schema]) -> None:
    """Adds the rules about several members together, which no type of one member says."""
    for kind in VERBS:
        needed = [member.name for member in kind.verb.members if member.missing and member.name == "data"]
        for name in {kind.verb.body, f"Batch{kind.__name__}"} & set(found):
            shape, request = found[name], f"{kind.verb.method} /{kind.verb.route}"
            shape["required"] = list(dict.fromkeys([*needed, *shape["required"]]))
            shape.setdefault("description", f"As {request}.")
    for name in (Update.verb.body, "BatchUpdate"):
        changes = ("data", "extra_seconds", "at_least")
        found[name]["anyOf"] = [{"required": [change]} for change in changes]
        found[name]["not"] = {"required": ["extra_seconds", "at_least"]}
    found["BatchPut"]["not"] = {"required": ["if_match", "if_none_match"]}


def batch_answer() -> Schema:
    """The answer to a batch (memories/batch_answer.py)."""
    bodies = [ref(name) for name in ("Kept", "Updated", "Recalled", "Problem")]
    members = {
        "status": {"type": "integer", "description": "What the operation's own request would have answered."},
        "etag": {"type": "string", "description": "The memory's version, as the `ETag` header has it."},
        "retry_after": {
            "type": "integer",
            "minimum": 1,
            "description": "As the `Retry-After` header has it.",
        },
        "body": {"anyOf": [*bodies, {"type": "null"}], "description": "null where there is none (204, 304)."},
    }
    result = {"type": "object", "properties": members, "required": ["status", "body"]}
    return {
        "type": "object",
        "description": "What became of each operation, in order.",
        "properties": {"results": {"type": "array", "items": result, "minItems": 1, "maxItems": MOST_IN_ONE}},
        "required": ["results"],
    }
