"""A body may be the payload limit and 4,096 bytes of envelope, to the byte."""

import json

import pytest

from tests.raw_http import connect, exchange, head, is_closed, read_answer
from tests.server_process import ServerProcess

LIMIT, ENVELOPE = 1_048_576, 4_096
ROUTES = [("POST", "/stash"), ("PUT", "/stash/envelope"), ("PATCH", "/update/envelope")]
every_route = pytest.mark.parametrize(("method", "path"), ROUTES)


def body_of(size: int) -> bytes:
    """Valid, of so many bytes, with as much data as may be: the rest is white space."""
    data = b'{"data":"' + b"x" * (LIMIT - 2) + b'"}'
    return data + b" " * (size - len(data))


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@pytest.fixture(autouse=True)
def kept(server: ServerProcess) -> None:
    """Something to update."""
    with server.client() as client:
        client.put("/stash/envelope", json={"data": 1})


@every_route
def test_a_body_of_exactly_the_limit_and_its_envelope_is_taken(
    server: ServerProcess, method: str, path: str
) -> None:
    body = body_of(LIMIT + ENVELOPE)

    declared = exchange(server, head(method, path, server.key, Content_Length=len(body)), body)
    in_chunks = exchange(server, head(method, path, server.key, Transfer_Encoding="chunked"), chunked(body))

    assert {declared.status, in_chunks.status} <= {200, 201}


@every_route
def test_one_byte_more_is_a_413_before_a_byte_of_the_body_is_read(
    server: ServerProcess, method: str, path: str
) -> None:
    with connect(server) as connection:
        connection.sendall(head(method, path, server.key, Content_Length=LIMIT + ENVELOPE + 1))

        answer = read_answer(connection)

        assert (answer.status, json.loads(answer.body)["limit_bytes"]) == (413, LIMIT)
        assert is_closed(connection)


@every_route
def test_one_byte_more_in_chunks_is_a_413_though_the_data_would_fit(
    server: ServerProcess, method: str, path: str
) -> None:
    body = chunked(body_of(LIMIT + ENVELOPE + 1))

    answer = exchange(server, head(method, path, server.key, Transfer_Encoding="chunked"), body)

    assert (answer.status, json.loads(answer.body)["code"]) == (413, "payload_too_large")


def test_a_request_without_data_may_be_as_large_as_an_envelope(server: ServerProcess) -> None:
    for size, status in ((ENVELOPE, 201), (ENVELOPE + 1, 413)):
        body = b'{"name": "envelope"}'.ljust(size)
        answer = exchange(server, head("POST", "/keys", server.key, Content_Length=size), body)
        assert answer.status == status
        if status == 201:
            with server.client() as client:
                client.delete(f"/keys/{json.loads(answer.body)['id']}")
