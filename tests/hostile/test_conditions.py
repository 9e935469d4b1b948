"""Conditions where none is taken, and conditions that are no version."""

from typing import Any

import httpx2
import pytest

from tests.raw_http import exchange, head
from tests.server_process import ServerProcess

UNTAKEN = [
    ("POST", "/stash", {"data": 1}, {"If-Match": '"5eac2b3eb532cb63"'}),
    ("POST", "/stash", {"data": 1}, {"If-None-Match": "*"}),
    ("PATCH", "/update/hostile/condition", {"data": 2}, {"If-None-Match": "*"}),
    ("DELETE", "/forget/hostile/condition", None, {"If-None-Match": "*"}),
    ("DELETE", "/stash?prefix=hostile/condition", None, {"If-Match": '"5eac2b3eb532cb63"'}),
    (
        "POST",
        "/batch",
        {"operations": [{"verb": "forget", "memory_id": "hostile/condition"}]},
        {"If-Match": "*"},
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "condition"), UNTAKEN)
def test_a_write_with_a_condition_that_its_route_does_not_take_is_refused(
    alice: httpx2.Client, method: str, path: str, body: Any, condition: dict[str, str]
) -> None:
    """Passed over, it would have happened although its client asked that it should not."""
    alice.put("/stash/hostile/condition", json={"data": 1})

    refused = alice.request(method, path, json=body, headers=condition)

    name = next(iter(condition))
    assert refused.status_code == 400
    assert refused.json()["detail"] == f"This request takes no {name}; leave it out."
    assert refused.json()["field"] == name.lower().replace("-", "_")
    assert alice.get("/recall/hostile/condition").json()["data"] == 1


@pytest.mark.parametrize("condition", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("path", ["/recall/hostile/read", "/stash?prefix=hostile/read", "/health/live"])
def test_a_condition_that_is_not_the_last_seen_version_costs_a_read_nothing(
    alice: httpx2.Client, path: str, condition: str
) -> None:
    alice.put("/stash/hostile/read", json={"data": 1})

    assert alice.get(path, headers={condition: '"5eac2b3eb532cb63"'}).status_code == 200


def test_dates_are_no_conditions_since_no_memory_has_one(alice: httpx2.Client) -> None:
    """RFC 9110, sections 13.1.3 and 13.1.4: ignored where the resource has no modification date."""
    headers = {
        "If-Modified-Since": "Sat, 29 Oct 1994 19:43:31 GMT",
        "If-Unmodified-Since": "Sat, 29 Oct 1994 19:43:31 GMT",
        "If-Range": '"5eac2b3eb532cb63"',
        "Range": "bytes=0-1",
    }

    answer = alice.put("/stash/hostile/dates", json={"data": 1}, headers=headers)

    assert answer.status_code in (200, 201)
    assert alice.get("/recall/hostile/dates", headers=headers).json()["data"] == 1


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ('"' + "v" * 7900 + '"', 412),
        ('"' + "v" * 8300 + '"', 431),
        ('"\xe9\xff"', 412),
        ('"a b"', 400),
        ('"5eac2b3eb532cb63", "5eac2b3eb532cb64"', 400),
        ('W/W/"5eac2b3eb532cb63"', 400),
        ('w/"5eac2b3eb532cb63"', 400),
        ('""', 412),
    ],
    ids=["8 KB", "over 8 KB", "latin-1", "a space", "two", "weak twice", "a small w", "empty"],
)
def test_a_version_of_any_form_is_refused_or_another(
    server: ServerProcess, alice: httpx2.Client, alice_key: str, value: str, status: int
) -> None:
    alice.put("/stash/hostile/version", json={"data": "kept"})
    request = head("PUT", "/stash/hostile/version", alice_key, Content_Length=11, If_Match="?")

    answer = exchange(server, request.replace(b"?", value.encode("latin-1")) + b'{"data": 1}')

    assert answer.status == status
    assert alice.get("/recall/hostile/version").json()["data"] == "kept"
