"""The document as a whole."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

from memories.schema import batch, errors, headers, key, memory, parameters, problems
from memories.schema.components import Schema, shapes
from memories.schema.operation import SCHEMES, Described

__all__ = ["Generator", "batch", "key", "memory"]

DESCRIPTION = """\
Working memory for AI agents: park a JSON value, get a handle, read it back until its TTL runs out.

- **Keys** go in `X-API-KEY: sk_...` or `Authorization: Bearer sk_...`.
- **Bodies** are JSON, whatever Content-Type says. A field or parameter that is not listed here is refused.
- **GET** routes answer HEAD too. No path ends in a slash.
- **Errors** are `application/problem+json` with a stable `code`. Beyond those listed with each operation, a path that
  is not here is a 404 `path_not_found`, and a method that a path does not take a 405 `method_not_allowed` with `Allow`.
- **Answers** are never for shared caches (`Cache-Control: private, no-cache`, `Vary: X-API-KEY, Authorization`).
- **Times** are UTC. **Versions** are ETags: `If-Match` and `If-None-Match` make requests conditional.

[/llms.txt](/llms.txt) says the same on one page, for agents.
"""
TAGS = [
    {"name": memory.MEMORIES, "description": "The verbs: stash, recall, update, forget."},
    {"name": memory.MANY, "description": "Listings, prefixes and batches."},
    {"name": key.KEYS, "description": "Keys for sub-agents, and what a key may do."},
    {"name": "health", "description": "For load balancers; no key needed."},
]
METHODS = ("post", "put", "get", "patch", "delete")
LICENSE = {"name": "MIT"}


class Generator(SchemaGenerator):
    """drf-spectacular's generator, with the shapes and answers that the described operations refer to."""

    def get_schema(self, *args: Any, **kwargs: Any) -> Schema:
        """The document, of all routes whose views are described."""
        document: Schema = super().get_schema(*args, **kwargs)  # type: ignore[no-untyped-call]
        document["info"] |= {"description": DESCRIPTION, "license": LICENSE}
        document |= {"servers": [{"url": "/"}], "tags": TAGS}
        # drf-spectacular takes a path's methods from a set: each process would have a document of its own.
        document["paths"] = {
            path: {method: item[method] for method in METHODS if method in item}
            for path, item in document["paths"].items()
        }
        kinds = Described.__subclasses__()
        operations = [operation for kind in kinds for operation in kind.operations.values()]
        own = {name: shape for kind in kinds for name, shape in kind.shapes.items()}
        document["components"] = {
            "schemas": {**shapes(), **own, **errors.shapes()},
            "responses": problems.responses(operation.kinds for operation in operations),
            "headers": headers.COMPONENTS,
            "parameters": parameters.COMPONENTS,
            "securitySchemes": SCHEMES,
        }
        return document
