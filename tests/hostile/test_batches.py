"""Batches that are made to hurt: deep, doubled, or of millions."""

import tracemalloc
from typing import Any

import httpx2
import pytest

from accounts.scope import Scope
from memories.reading import operations_in
from stash_memory.errors import InvalidRequest

MB = 1024 * 1024


def batch(*operations: bytes) -> bytes:
    return b'{"operations": [' + b",".join(operations) + b"]}"


def put(data: bytes) -> bytes:
    return b'{"verb": "put", "memory_id": "hostile/batch", "data": ' + data + b"}"


def refused(client: httpx2.Client, body: bytes) -> dict[str, Any]:
    """The one problem that the whole batch is answered with."""
    answer = client.post("/batch", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 1000, "a problem does not repeat what it was sent"
    return answer.json()


def test_a_hundred_deep_values_are_kept(alice: httpx2.Client) -> None:
    answer = alice.post("/batch", content=batch(*[put(b"[" * 880 + b"]" * 880)] * 100))

    assert {result["status"] for result in answer.json()["results"]} <= {200, 201}


@pytest.mark.parametrize(
    "body",
    [
        batch(*[put(b"[" * 2000 + b"]" * 2000)] * 100),
        batch(b"[" * (10 * MB)),
        batch(put(b"[" * (10 * MB))),
        batch(put(b'{"a":' * (2 * MB))),
    ],
    ids=["a hundred too deep", "10 MB of [", "10 MB of [ as data", "10 MB of objects as data"],
)
def test_what_is_nested_too_deeply_is_told(alice: httpx2.Client, body: bytes) -> None:
    assert refused(alice, body)["detail"] == "data is nested too deeply; about 900 levels are the most."


def test_ten_megabytes_of_brackets_are_no_object(alice: httpx2.Client) -> None:
    assert refused(alice, b"[" * (10 * MB))["detail"] == "The body must be a JSON object."


def test_of_operations_given_twice_the_last_are_done(alice: httpx2.Client) -> None:
    body = (
        b'{"operations": [{"verb": "put", "memory_id": "hostile/first", "data": 1}],'
        b' "operations": [{"verb": "recall", "memory_id": "hostile/first"}]}'
    )

    [result] = alice.post("/batch", content=body).json()["results"]

    assert result["status"] == 404


def test_a_verb_given_twice_is_refused_and_nothing_is_done(alice: httpx2.Client) -> None:
    alice.put("/stash/hostile/verb", json={"data": "kept"})
    body = batch(b'{"verb": "recall", "memory_id": "hostile/verb", "verb": "forget"}')

    [result] = alice.post("/batch", content=body).json()["results"]

    assert (result["status"], result["body"]["field"]) == (400, "verb")
    assert alice.get("/recall/hostile/verb").status_code == 200


def test_millions_of_operations_are_refused_after_the_hundredth(alice: httpx2.Client) -> None:
    body = batch(b"0," * (5 * MB - 1000) + b"0")

    assert refused(alice, body)["detail"] == "operations are too many; a batch may hold 1 to 100."


def test_millions_of_operations_take_no_memory() -> None:
    """A list of them would take 35 bytes for each of theirs: 350 MB for 10 MB of zeros."""
    body = batch(b"0," * MB + b"0")
    tracemalloc.start()
    try:
        with pytest.raises(InvalidRequest):
            operations_in(body, Scope(read_only=False, prefix=""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < MB


@pytest.mark.parametrize("version", [r"\u0000", r"a\u0000b", r"\u4e00", "a b", r"\u007f"])
@pytest.mark.parametrize(
    "operation",
    [
        b'"recall", "if_none_match"',
        b'"update", "data": 1, "if_match"',
        b'"put", "data": 1, "if_match"',
        b'"forget", "if_match"',
    ],
)
def test_a_version_that_no_header_could_carry_is_refused(
    alice: httpx2.Client, operation: bytes, version: str
) -> None:
    """PostgreSQL takes no NUL, and the whole batch was a 503."""
    body = batch(b'{"memory_id": "hostile/version", "verb": ' + operation + b': "' + version.encode() + b'"}')

    [result] = alice.post("/batch", content=body).json()["results"]

    assert (result["status"], result["body"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "seconds", ["9" * 5000, "1e400", "9223372036854775808", "-9223372036854775809", "1.0"]
)
@pytest.mark.parametrize(
    ("verb", "field"), [("stash", "ttl"), ("put", "ttl"), ("update", "extra_seconds"), ("recall", "extend")]
)
def test_a_number_beyond_all_bounds_is_refused_or_held_to_the_maximum(
    alice: httpx2.Client, verb: str, field: str, seconds: str
) -> None:
    memory_id = "" if verb == "stash" else '"memory_id": "hostile/number",'
    data = '"data": 1,' if verb in ("stash", "put") else ""
    body = batch(f'{{"verb": "{verb}", {memory_id} {data} "{field}": {seconds}}}'.encode())

    [result] = alice.post("/batch", content=body).json()["results"]

    if result["status"] == 404:
        assert seconds.isdecimal(), "an extension is held to the maximum"
        assert verb in ("update", "recall")
    else:
        assert (result["status"], result["body"]["field"]) == (400, field)
