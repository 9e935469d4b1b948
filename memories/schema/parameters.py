"""What stands in an operation's path, query and request headers."""

from typing import Any

from memories.schema.components import Schema
from stash_memory.operations.members import LARGEST
from stash_memory.operations.verb import HEADER, INTEGER, PATH, Member

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


def parameter_of(member: Member) -> Schema:
    """The parameter of a member that stands in the path, a header or the query."""
    if member.place == HEADER:
        found = parameter(
            "header", member.header, member.header_words, dict(member.header_rules), member.example
        )
    elif member.place == PATH:
        words = f"{member.description} Percent-encoded, but for `/`, which may stay as it is."
        found = parameter("path", member.name, words, {"type": "string", **member.rules}, member.example)
    else:
        bounds = {"maximum": LARGEST} if member.kind == INTEGER else {}
        rules = {"type": member.kind, **bounds, **member.rules}
        found = parameter("query", member.name, member.description, rules, member.example)
        if member.missing:
            found["required"] = True
    return found
