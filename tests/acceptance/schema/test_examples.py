"""The examples of the document: each is what the document says, and each request's is taken by a real server."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import pytest
from jsonschema import Draft202012Validator

from tests.acceptance.schema.test_schemathesis import routes
from tests.server_process import ServerProcess

Document = dict[str, Any]


class Example(NamedTuple):
    """Where it stands, what it is an example of, and what it says."""

    place: str
    schema: Any
    value: Any


def deep(place: str, node: Any) -> Iterator[Example]:
    """Every example below `node`: of bodies, parameters and headers."""
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from deep(f"{place}/{number}", part)
    elif isinstance(node, dict):
        if "schema" in node:
            if "example" in node:
                yield Example(place, node["schema"], node["example"])
            for name, example in node.get("examples", {}).items():
                yield Example(f"{place}/{name}", node["schema"], example["value"])
        for name, part in node.items():
            if name not in ("example", "examples"):
                yield from deep(f"{place}/{name}", part)


def check(document: Document, schema: Document, value: Any) -> None:
    """Raises ValidationError where the value is not what the schema says."""
    Draft202012Validator({"components": document["components"], **schema}).validate(value)


def test_every_example_is_what_its_schema_says(document: Document) -> None:
    examples = list(deep("", document))

    assert len(examples) > 60
    for example in examples:
        check(document, example.schema, example.value)


def test_every_body_has_an_example(document: Document) -> None:
    bodies = [item for item in media(document) if "examples" not in item]

    assert not bodies
    assert len(list(media(document))) > 30


def media(node: Any) -> Iterator[Document]:
    """Every Media Type Object."""
    if isinstance(node, dict):
        yield from node.get("content", {}).values()
        for part in node.values():
            yield from media(part)


def test_every_error_is_shown_in_an_answer_of_its_own_status(document: Document) -> None:
    for name, answer in document["components"]["responses"].items():
        [content] = answer["content"].values()
        for code, example in content["examples"].items():
            assert example["value"]["code"] == code
            assert name.startswith("Refused") or example["value"]["status"] in statuses(document, name)


def statuses(document: Document, name: str) -> set[int]:
    """Under which statuses operations refer to this answer."""
    reference = {"$ref": f"#/components/responses/{name}"}
    return {
        int(status)
        for item in document["paths"].values()
        for operation in item.values()
        for status, answer in operation["responses"].items()
        if answer == reference
    }


def requests(document: Document) -> Iterator[tuple[str, str, Document, Any]]:
    """Every operation with each example of its body (None where it has none): method, path, operation, body."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" not in operation:
                yield method, path, operation, None
                continue
            for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
                yield method, path, operation, example["value"]


def test_every_request_is_taken_as_it_says(document: Document, alice: httpx2.Client) -> None:
    seen = set()
    for method, path, operation, body in requests(document):
        alice.put("/stash/run-42/plan", json={"data": {"step": 1}})
        minted = alice.post("/keys", json={}).json()["id"]
        ready = path.replace("{memory_id}", "run-42/plan").replace("{key_id}", minted)
        query = {
            parameter["name"]: parameter["example"]
            for parameter in operation["parameters"]
            if parameter.get("in") == "query" and "example" in parameter
        }

        content = b"" if body is None else json.dumps(body).encode()
        answer = alice.request(method, ready, params=query, content=content)

        assert answer.is_success, (method, path, answer.text)
        described = operation["responses"][str(answer.status_code)]
        if "content" in described:
            check(document, described["content"]["application/json"]["schema"], answer.json())
        else:
            assert not answer.content
        assert all(name in answer.headers for name in described["headers"] if "RateLimit" not in name)
        seen.add(f"{method.upper()} {path}")
    assert seen == routes(document)


def test_every_route_with_a_key_wants_a_good_one(document: Document, own_server: Any) -> None:
    # A server of this test's own: it takes only so many bad keys from one address in a minute.
    server: ServerProcess = own_server()
    keyed = [(method, path) for method, path, operation, _ in requests(document) if operation["security"]]
    assert len(set(keyed)) == 12
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        for method, path in set(keyed):
            answer = client.request(method, path.replace("{", "").replace("}", ""))

            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key")
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="stash"'


def test_a_rate_limited_user_is_told_so_in_the_headers_that_are_described(
    document: Document, server: ServerProcess
) -> None:
    described = document["components"]["responses"]["RateLimited"]["headers"]
    with server.client(server.create_key("examples@example.com", "--tier", "free")) as client:
        answers = [client.get("/whoami") for _ in range(12)]

    assert {"RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"} == set(described)
    assert all("RateLimit" in answer.headers and "RateLimit-Policy" in answer.headers for answer in answers)
    assert answers[-1].status_code == 429
    assert all(name in answers[-1].headers for name in described)
    check(document, {"$ref": "#/components/schemas/RateLimited"}, answers[-1].json())


@pytest.mark.parametrize("spelling", ["run-42%2Fplan", "run-42/plan", "%72un-42/plan"])
def test_a_slash_in_an_id_may_stay_or_be_percent_encoded(alice: httpx2.Client, spelling: str) -> None:
    alice.put("/stash/run-42/plan", json={"data": spelling})

    assert alice.get(f"/recall/{spelling}").json()["data"] == spelling
