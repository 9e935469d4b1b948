"""The Liar Test: a Content-Length that is not true is rejected."""

import json

import pytest

from tests.raw_http import connect, exchange, head, is_closed, read_answer
from tests.server_process import ServerProcess

BODY = b'{"data": "the truth"}'


def live_memories(server: ServerProcess) -> object:
    with server.client() as local:
        return local.get("/whoami").json()["usage"]


def test_fewer_bytes_than_declared_are_rejected_and_nothing_is_stored(server: ServerProcess) -> None:
    before = live_memories(server)

    answer = exchange(
        server, head("POST", "/stash", server.key, Content_Length=len(BODY) + 1), BODY, end=True
    )

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "content_length_mismatch"
    assert live_memories(server) == before


def test_more_bytes_than_declared_are_rejected_and_nothing_is_stored(server: ServerProcess) -> None:
    before = live_memories(server)
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=len(BODY) - 1) + BODY)

        answer = read_answer(connection)

        assert answer.status == 400
        assert json.loads(answer.body)["code"] == "invalid_request"
        assert is_closed(connection), "what is left of the body must not be read as a request"
    assert live_memories(server) == before


def test_a_half_that_would_be_whole_json_is_never_stored(server: ServerProcess) -> None:
    """`{"data": 1}` of a declared 100 bytes is a short body, however well it parses."""
    answer = exchange(
        server, head("POST", "/stash", server.key, Content_Length=100), b'{"data": 1}', end=True
    )

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "content_length_mismatch"


@pytest.mark.parametrize("declared", ["-1", "1e3", "0x10", "5, 6", ""])
def test_a_content_length_that_is_no_number_is_rejected(server: ServerProcess, declared: str) -> None:
    answer = exchange(server, head("POST", "/stash", server.key, Content_Length=declared), BODY, end=True)

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["code"] == "invalid_request"


def test_a_body_without_a_content_length_is_an_empty_one(server: ServerProcess) -> None:
    answer = exchange(server, head("POST", "/stash", server.key))

    assert answer.status == 400
    assert json.loads(answer.body)["detail"] == "The body is empty; send a JSON object."


def test_content_length_together_with_chunks_is_rejected(server: ServerProcess) -> None:
    both = head("POST", "/stash", server.key, Content_Length=len(BODY), Transfer_Encoding="chunked")

    answer = exchange(server, both, b"0\r\n\r\n", end=True)

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "invalid_request"


def test_chunks_that_end_too_soon_are_rejected(server: ServerProcess) -> None:
    chunked = head("POST", "/stash", server.key, Transfer_Encoding="chunked")

    answer = exchange(server, chunked, b"ff\r\n" + BODY, end=True)

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "invalid_request"
