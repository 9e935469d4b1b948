"""What stands in an operation's path, query and request headers."""

from typing import Any

from msgspec.json import schema

from memories.schema.components import Schema
from memories.terms import MemoryId
from stash_memory.ids import MAX_BYTES, PREFIX_PATTERN
from stash_memory.store import LONGEST_PAGE, PAGE

# As many digits as memories/query.py takes for a number.
LARGEST = 10**18 - 1
EXAMPLE_VERSION = '"5eac2b3eb532cb63"'

REQUEST_ID = {"$ref": "#/components/parameters/X-Request-ID"}
COMPONENTS = {
    "X-Request-ID": {
        "in": "header",
        "name": "X-Request-ID",
        "description": (
            "Given back in the answer and written to the log: 1 to 128 letters, digits and `._:+/=-`. Anything else "
            "is replaced by an id made here."
        ),
        "schema": {"type": "string"},
        "example": "trace-42",
    }
}


def parameter(where: str, name: str, description: str, rules: Schema, example: Any = None) -> Schema:
    """One parameter."""
    found: Schema = {"in": where, "name": name, "description": description, "schema": rules}
    if where == "path":
        found["required"] = True
    if example is not None:
        found["example"] = example
    return found


def without_description(rules: Schema) -> Schema:
    """`rules`, where the parameter says more."""
    return {name: value for name, value in rules.items() if name != "description"}


MEMORY_ID_RULES = schema(MemoryId)
MEMORY_ID = parameter(
    "path",
    "memory_id",
    f"{MEMORY_ID_RULES['description']} Percent-encoded, but for `/`, which may stay as it is.",
    without_description(MEMORY_ID_RULES),
    "run-42/plan",
)
IF_MATCH = parameter(
    "header",
    "If-Match",
    "Only while the memory has this version (its `ETag`); otherwise 412. `*` is any.",
    {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
    EXAMPLE_VERSION,
)
PUT_IF_MATCH = parameter(
    "header",
    "If-Match",
    "Replace only while the memory has this version (its `ETag`); otherwise 412. Not with If-None-Match.",
    {"type": "string", "pattern": r'^(W/)?"[!#-~]*"$'},
    EXAMPLE_VERSION,
)
PUT_IF_NONE_MATCH = parameter(
    "header",
    "If-None-Match",
    "`*`: create, and never replace; 412 where there is a memory with this id. Not with If-Match.",
    {"type": "string", "const": "*"},
    "*",
)
IF_NONE_MATCH = parameter(
    "header",
    "If-None-Match",
    "The version that is known already: 304 without a body while it still is the memory's.",
    {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
    EXAMPLE_VERSION,
)
EXTEND = parameter(
    "query",
    "extend",
    "Raise the remaining life to at least this many seconds, held to the user's maximum; a life is never shortened.",
    {"type": "integer", "minimum": 1, "maximum": LARGEST},
    300,
)
PREFIX_RULES = {"type": "string", "maxLength": MAX_BYTES, "pattern": PREFIX_PATTERN}
LIST_PREFIX = parameter(
    "query",
    "prefix",
    "What the ids begin with; without it, the prefix of the key, which may be empty.",
    PREFIX_RULES,
    "run-42/",
)
FORGET_PREFIX = {
    **parameter(
        "query",
        "prefix",
        "What the ids begin with. Never empty.",
        {**PREFIX_RULES, "minLength": 1},
        "run-42/",
    ),
    "required": True,
}
CURSOR = parameter("query", "cursor", "The `cursor` of the page before.", {"type": "string", "minLength": 1})
LIMIT = parameter(
    "query",
    "limit",
    "Memories on one page.",
    {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE},
)
