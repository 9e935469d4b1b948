"""Requests made from the document, in hundreds; `make proof` makes thousands (tests/proof/test_schemathesis.py)."""

from typing import Any

from tests.acceptance.schema.campaign import run
from tests.server_process import ServerProcess
from tests.servers import report


def test_the_server_does_what_its_document_says(server: ServerProcess, document: dict[str, Any]) -> None:
    """No 5xx, no status and no shape that is not in it; what it allows is taken, and what it forbids is not."""
    key = server.create_key("schemathesis@example.com", "--tier", "enterprise")

    campaign = run(
        server.url, key, document, phases=("examples", "fuzzing", "stateful"), examples=20, same=True
    )

    report.table("routes by statuses (schemathesis; make proof asks for more)", campaign.table())
    assert not campaign.failures, "\n\n".join(campaign.failures)
    assert set(campaign.seen) == routes(document)
    assert not [route for route, seen in campaign.seen.items() if not any(200 <= s < 300 for s in seen)]
    assert campaign.cases >= 300


def routes(document: dict[str, Any]) -> set[str]:
    """`GET /recall/{memory_id}`..."""
    return {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
