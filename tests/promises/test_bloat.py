"""The Bloat Test: oversized payloads are rejected with 413."""

import httpx2
import pytest

from tests.raw_http import connect, exchange, head, is_closed, read_answer
from tests.server_process import ServerProcess

LIMIT = 1_048_576
CODE = "payload_too_large"


@pytest.fixture
def local(server: ServerProcess):
    """The local user, whose payloads may have 1 MB."""
    with server.client() as client:
        yield client


def body_with(data_bytes: int) -> bytes:
    return b'{"data":"' + b"x" * (data_bytes - 2) + b'"}'


def test_a_payload_of_exactly_the_limit_is_kept(local: httpx2.Client) -> None:
    stashed = local.post("/stash", content=body_with(LIMIT))

    assert stashed.status_code == 201
    recalled = local.get(f"/recall/{stashed.json()['memory_id']}")
    assert len(recalled.json()["data"]) == LIMIT - 2


def test_one_byte_more_is_rejected_and_not_stored(local: httpx2.Client) -> None:
    refused = local.post("/stash", content=body_with(LIMIT + 1))

    assert refused.status_code == 413
    assert refused.json()["code"] == CODE
    assert refused.json()["limit_bytes"] == LIMIT


def test_an_update_is_held_to_the_same_limit(local: httpx2.Client) -> None:
    memory_id = local.post("/stash", json={"data": "small"}).json()["memory_id"]

    assert local.patch(f"/update/{memory_id}", content=body_with(LIMIT + 1)).status_code == 413
    assert local.get(f"/recall/{memory_id}").json()["data"] == "small"


def test_the_limit_counts_the_data_and_not_the_envelope(local: httpx2.Client) -> None:
    padded = body_with(LIMIT)[:-1] + b" " * 1000 + b', "ttl": 3600}'

    assert local.post("/stash", content=padded).status_code == 201


def test_a_declared_size_over_the_limit_is_rejected_before_a_byte_of_the_body(server: ServerProcess) -> None:
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=10**12))

        answer = read_answer(connection)

        assert answer.status == 413
        assert CODE.encode() in answer.body
        assert is_closed(connection)


def test_a_chunked_body_is_cut_off_at_the_limit(server: ServerProcess) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"

    answer = exchange(server, head("POST", "/stash", server.key, Transfer_Encoding="chunked"), chunk, chunk)

    assert answer.status == 413
    assert CODE.encode() in answer.body


def test_a_chunked_body_within_the_limit_is_kept(server: ServerProcess) -> None:
    chunks = b'a\r\n{"data": "\r\n' + b"3\r\nabc\r\n" + b'2\r\n"}\r\n' + b"0\r\n\r\n"

    answer = exchange(server, head("POST", "/stash", server.key, Transfer_Encoding="chunked"), chunks)

    assert answer.status == 201
