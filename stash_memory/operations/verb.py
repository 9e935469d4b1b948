"""How a verb looks from outside: its route, its members, its answer, and what the log and the usage call it.

Everything that speaks of verbs derives from these values: routes, request bodies, batches, the client's requests, the
OpenAPI document, metrics and usage. They hold no imports beyond the standard library, so that `stash get` starts fast.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stash_memory.errors import StashError

JSON, INTEGER, STRING = "json", "integer", "string"
PATH, HEADER, QUERY, BODY = "path", "header", "query", "body"


def unchanged(value: Any, name: str) -> Any:
    """The value as it is: most members need no more."""
    return value


def plain(value: Any) -> Any:
    """The attribute as it is."""
    return value


class Member(NamedTuple):
    """One member of a request: `name` in JSON, `attribute` of the operation.

    `place`: where a request of its own carries it; a batch carries all of them in JSON. `header`: its name there.
    `read(value, name)` makes the attribute from the JSON value and raises InvalidRequest; `write(attribute)` does the
    reverse, None to leave it out. `wanted`: the sentence for a value of another type. `missing`: the sentence if a
    request must have it. `rules`: more of JSON Schema; `header_rules` and `header_words` describe the header.
    """

    name: str
    attribute: str
    kind: str
    place: str
    description: str
    wanted: str
    read: Callable[[Any, str], Any] = unchanged
    write: Callable[[Any], Any] = plain
    rules: Mapping[str, Any] = {}
    missing: str = ""
    header: str = ""
    header_words: str = ""
    header_rules: Mapping[str, Any] = {}
    example: Any = None


class Part(NamedTuple):
    """One member of an answer: `name` in JSON, `attribute` of the memory that the store answers with."""

    name: str
    attribute: str
    kind: str
    description: str
    rules: Mapping[str, Any]


class Good(NamedTuple):
    """One good answer, for the OpenAPI document: its sentence and its examples by name."""

    sentence: str
    examples: Mapping[str, Any] = {}


class Verb(NamedTuple):
    """One verb. `name` is the same in URLs, batches, views, metrics and the OpenAPI document.

    `route`: its path, with {memory_id} for an id. `event`: the log's name for its success. `tally`: its column of
    usage, empty for none. `answer`: the parts of its answer; `data` says whether the data follows them. `body`: the
    name of the request body's shape. `summary`, `description`, `examples`, `good` and `errors` describe it in the
    OpenAPI document.
    """

    name: str
    method: str
    route: str
    event: str
    tally: str
    members: tuple[Member, ...]
    summary: str
    description: str
    good: Mapping[int, Good]
    errors: tuple[type[StashError], ...] = ()
    shape: str = ""
    answer: tuple[Part, ...] = ()
    data: bool = False
    body: str = ""
    examples: Mapping[str, Any] = {}

    def placed(self, place: str) -> tuple[Member, ...]:
        """The members that a request of its own carries there."""
        return tuple(member for member in self.members if member.place == place)
