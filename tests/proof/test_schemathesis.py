"""Thousands of requests made from the OpenAPI document, other ones each time. Run by `make proof`."""

import httpx2

from tests.acceptance.schema.campaign import run
from tests.acceptance.schema.test_schemathesis import routes
from tests.server_process import ServerProcess

PHASES = ("examples", "coverage", "fuzzing", "stateful")


def test_no_request_of_thousands_is_answered_as_the_document_does_not_say(server: ServerProcess) -> None:
    document = httpx2.get(f"{server.url}/openapi.json", timeout=60).json()
    key = server.create_key("schemathesis-proof@example.com", "--tier", "enterprise")

    campaign = run(server.url, key, document, phases=PHASES, examples=150, same=False)

    print("\n" + "\n".join(campaign.table()))
    assert not campaign.failures, "\n\n".join(campaign.failures)
    assert set(campaign.seen) == routes(document)
    assert not [route for route, seen in campaign.seen.items() if not any(200 <= s < 300 for s in seen)]
    assert campaign.cases >= 2000
