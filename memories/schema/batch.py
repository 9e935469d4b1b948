"""Many operations in one request."""

from memories.problems import document_of
from memories.schema.errors import example
from memories.schema.memory import BODY, MANY
from memories.schema.operation import Answer, Described, Operation
from memories.schema.parameters import REQUEST_ID
from stash_memory.errors import MemoryNotFound
from stash_memory.operations import MOST_IN_ONE

KEPT = {"memory_id": "run-42/plan", "ttl": 600, "expires_at": "2026-01-15T11:30:00Z"}
VERSION = '"5eac2b3eb532cb63"'

BATCH = Operation(
    "batch",
    MANY,
    "Do many operations",
    f"1 to {MOST_IN_ONE} operations, in order. Each is judged, charged a token and answered as its own request would "
    "have been, and one that fails does not fail the rest: a bad one is a 400 in its place, and those beyond the "
    "tokens are 429 one by one. Request and answer are each bounded by 10 MiB, or by a larger payload limit.",
    body=(
        "Batch",
        {
            "several verbs": {
                "operations": [
                    {"verb": "put", "memory_id": "run-42/plan", "data": {"step": 3}, "ttl": 600},
                    {"verb": "recall", "memory_id": "run-42/plan", "extend": 900},
                    {"verb": "update", "memory_id": "run-42/plan", "extra_seconds": 60},
                    {"verb": "forget", "memory_id": "run-42/nothing"},
                ]
            }
        },
    ),
    answers={
        200: Answer(
            "What became of each.",
            "BatchAnswer",
            {
                "a good one and a bad one": {
                    "results": [
                        {"status": 201, "etag": VERSION, "body": KEPT},
                        {
                            "status": 200,
                            "etag": VERSION,
                            "body": {"memory_id": "xK9mP2nQ", "ttl_remaining": 900, "data": {"step": 3}},
                        },
                        {"status": 204, "body": None},
                        {"status": 404, "body": document_of(example(MemoryNotFound))},
                    ]
                }
            },
        )
    },
    errors=BODY,
    parameters=[REQUEST_ID],
)


class DescribedBatch(Described):
    """POST /batch."""

    target_class = "memories.views.batch.BatchViewSet"
    operations = {"batch": BATCH}
