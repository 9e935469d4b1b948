"""The API's routes: path, method and verb of each, from which URLs and metrics derive. No trailing slashes."""

from typing import NamedTuple

from stash_memory.operations import VERBS

ID = "<memory_id:memory_id>"


class Route(NamedTuple):
    """One route. `view` names its viewset, `action` the method of that, `verb` the request in metrics."""

    path: str
    method: str
    view: str
    action: str
    verb: str


# The first that fits is taken: those that are asked most come first.
ROUTES = (
    *(
        Route(
            kind.verb.route.replace("{memory_id}", ID),
            kind.verb.method,
            "memory",
            f"do_{kind.verb.name}",
            kind.verb.name,
        )
        for kind in VERBS
    ),
    Route("batch", "POST", "batch", "batch", "batch"),
    Route("whoami", "GET", "whoami", "whoami", "whoami"),
    Route("keys", "GET", "key", "list", "keys"),
    Route("keys", "POST", "key", "mint", "keys"),
    Route("keys/<str:key_id>", "DELETE", "key", "revoke", "keys"),
)

# The verb of each method and path.
VERB_OF = {(route.method, route.path): route.verb for route in ROUTES}
