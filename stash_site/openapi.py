"""The OpenAPI document of the whole service: the API's routes, and those of health."""

from memories.schema.components import Schema
from memories.schema.generator import Generator
from memories.schema.operation import Answer, Described, Operation
from memories.schema.parameters import REQUEST_ID
from memories.schema.problems import KEYLESS

__all__ = ["DescribedHealth", "Generator"]

HEALTH = "health"
WORD: Schema = {"enum": ["ok", "unavailable"]}

LIVE = Operation(
    "live",
    HEALTH,
    "Ask whether the process lives",
    "No key needed.",
    answers={200: Answer("It lives.", "Live", {"live": {"status": "ok"}})},
    always=KEYLESS,
    parameters=[REQUEST_ID],
)
READY = Operation(
    "ready",
    HEALTH,
    "Ask whether the service can do its work",
    "Whether users, keys and memories can be reached. No key needed.",
    answers={
        200: Answer("It can.", "Ready", {"ready": {"status": "ok", "database": "ok", "store": "ok"}}),
        503: Answer(
            "It cannot.",
            "Ready",
            {"store away": {"status": "unavailable", "database": "ok", "store": "unavailable"}},
        ),
    },
    always=KEYLESS,
    parameters=[REQUEST_ID],
)


class DescribedHealth(Described):
    """/health (stash_site/health.py)."""

    target_class = "stash_site.health.HealthViewSet"
    operations = {"live": LIVE, "ready": READY}
    shapes = {
        "Live": {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]},
        "Ready": {
            "type": "object",
            "properties": {"status": WORD, "database": WORD, "store": WORD},
            "required": ["status", "database", "store"],
        },
    }
