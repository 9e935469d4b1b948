"""The headers of answers."""

from memories.schema.components import Schema

TEXT = {"type": "string"}

COMPONENTS: dict[str, Schema] = {
    "X-Request-ID": {
        "description": "As it was sent, or made here; it stands in the log.",
        "required": True,
        "schema": TEXT,
        "example": "trace-42",
    },
    "ETag": {
        "description": "The memory's version. It changes with the data, and with nothing else.",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[^"]*"$'},
        "example": '"5eac2b3eb532cb63"',
    },
    "RateLimit-Policy": {
        "description": "The burst `q`, and the seconds `w` in which it fills again. Absent without a rate limit.",
        "schema": TEXT,
        "example": '"requests";q=10;w=10',
    },
    "RateLimit": {
        "description": "Requests left `r`, and the seconds `t` until there is one more. Absent without a rate limit.",
        "schema": TEXT,
        "example": '"requests";r=9;t=1',
    },
    "Retry-After": {
        "description": "Seconds after which it is worth another try.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
    "WWW-Authenticate": {
        "description": "How a key may be sent, besides X-API-KEY.",
        "required": True,
        "schema": {"type": "string", "const": 'Bearer realm="stash"'},
    },
}


def headers(*names: str) -> Schema:
    """The headers that every answer has, and these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}
