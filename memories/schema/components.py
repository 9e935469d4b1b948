"""The shapes of bodies, from the types that the views read and write them with."""

from typing import Any, TypeAlias

from msgspec.json import schema_components

from memories.batch import MOST, Batch, Step
from memories.documents import Forgotten, Kept, ListingPage, Recalled, Updated
from memories.fields import KeyFields, StashFields, UpdateFields
from memories.key_documents import KeyList, MintedKey, Whoami

Schema: TypeAlias = dict[str, Any]

REF = "#/components/schemas/"
REQUESTS = (StashFields, UpdateFields, Batch, KeyFields)
ANSWERS = (Kept, Updated, Recalled, ListingPage, Forgotten, MintedKey, KeyList, Whoami)


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
    add_rules(found)
    found["Batch"]["properties"]["operations"] |= {
        "items": {"oneOf": step["anyOf"], "discriminator": step["discriminator"]},
        "minItems": 1,
        "maxItems": MOST,
    }
    found["BatchAnswer"] = batch_answer()
    return found


def add_rules(found: dict[str, Schema]) -> None:
    """What the views ask of fields together, which no type of one field says."""
    for name in ("StashFields", "BatchStash", "BatchPut"):
        found[name]["required"] = ["data", *found[name]["required"]]
    for name in ("UpdateFields", "BatchUpdate"):
        found[name]["anyOf"] = [{"required": ["data"]}, {"required": ["extra_seconds"]}]
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
        "properties": {"results": {"type": "array", "items": result, "minItems": 1, "maxItems": MOST}},
        "required": ["results"],
    }
