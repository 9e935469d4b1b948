"""Bad input: each a 4xx problem+json with a stable code and one clear sentence; nothing is stored."""

import httpx2
import pytest

NESTED = b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

BODIES = {
    "an empty body": (b"", "The body is empty; send a JSON object."),
    "malformed JSON": (b'{"data": ', "The body is not valid JSON: it ends too soon."),
    "no JSON at all": (b"hello", "The body is not valid JSON: invalid character (byte 0)."),
    "a form": (b"data=1&ttl=60", "The body is not valid JSON: invalid character (byte 0)."),
    "trailing characters": (b'{"data": 1} x', "The body is not valid JSON: trailing characters (byte 13)."),
    "an array": (b"[1]", "The body must be a JSON object."),
    "a string": (b'"data"', "The body must be a JSON object."),
    "null": (b"null", "The body must be a JSON object."),
    "no data": (b'{"ttl": 60}', "data is missing; it can be any JSON value, null included."),
    "NaN": (b'{"data": NaN}', "The body is not valid JSON: invalid character (byte 9)."),
    "Infinity": (b'{"data": [Infinity]}', "The body is not valid JSON: invalid character (byte 10)."),
    "a leading zero": (b'{"data": 01}', "The body is not valid JSON: invalid number (byte 10)."),
    "a byte order mark": (
        b'\xef\xbb\xbf{"data": 1}',
        "The body is not valid JSON: invalid character (byte 0).",
    ),
    "invalid UTF-8 in data": (b'{"data": "\xff"}', "data is not valid UTF-8."),
    "overlong UTF-8 in data": (b'{"data": "\xc0\xaf"}', "data is not valid UTF-8."),
    "an encoded surrogate": (b'{"data": "\xed\xa0\x80"}', "data is not valid UTF-8."),
    "invalid UTF-8 in a name": (b'{"\xff": 1}', "The body is not valid UTF-8."),
    "a lone surrogate": (
        rb'{"data": "\ud800"}',
        r"data escapes half of a surrogate pair (such as \ud800), which is no character.",
    ),
    "a lone low surrogate": (
        rb'{"data": "abcdefg\udc00hijklmn"}',
        r"data escapes half of a surrogate pair (such as \ud800), which is no character.",
    ),
    "100,000 nested brackets": (NESTED, "data is nested too deeply; about 900 levels are the most."),
    "an unknown field": (b'{"data": 1, "tll": 60}', "There is no field named 'tll' here."),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_is_refused_with_a_sentence(alice: httpx2.Client, case: str) -> None:
    body, sentence = BODIES[case]

    refused = alice.post("/stash", content=body)

    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert problem["code"] == "invalid_request"
    assert problem["status"] == 400
    assert problem["detail"] == sentence


WHOLE = "must be a whole number of seconds, at least 1"


@pytest.mark.parametrize("ttl", ["0", "-1", "1.5", "60.0", "6e1", '"60"', "true", "null", "[60]", "{}"])
def test_a_ttl_is_a_whole_number_of_seconds(alice: httpx2.Client, ttl: str) -> None:
    refused = alice.post("/stash", content=f'{{"data": 1, "ttl": {ttl}}}'.encode())

    assert refused.status_code == 400
    assert refused.json()["field"] == "ttl"
    assert WHOLE in refused.json()["detail"]


@pytest.mark.parametrize("ttl", [604_801, 10**18, 10**30])
def test_a_ttl_over_the_maximum_is_told_the_maximum(alice: httpx2.Client, ttl: int) -> None:
    refused = alice.post("/stash", json={"data": 1, "ttl": ttl})

    assert refused.status_code == 400
    assert refused.json()["detail"] == "ttl is over the maximum of 604800 seconds."


@pytest.mark.parametrize("seconds", ["0", "-1", "1.5", '"60"', "true", "null"])
def test_extra_seconds_are_a_whole_number(alice: httpx2.Client, seconds: str) -> None:
    memory_id = alice.post("/stash", json={"data": 1, "ttl": 60}).json()["memory_id"]

    refused = alice.patch(f"/update/{memory_id}", content=f'{{"extra_seconds": {seconds}}}'.encode())

    assert refused.status_code == 400
    assert refused.json()["field"] == "extra_seconds"
    assert WHOLE in refused.json()["detail"]
    assert alice.get(f"/recall/{memory_id}").json()["ttl_remaining"] <= 60


@pytest.mark.parametrize(
    "path",
    ["/", "/stashes", "/recall", "/recal/x", "/favicon.ico", "/admin", "/x" * 500, "//", "/.env"],
)
def test_an_unknown_path_is_a_404(alice: httpx2.Client, path: str) -> None:
    refused = alice.get(path)

    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "path_not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/recall/x", "GET, HEAD"),
        ("POST", "/recall/x", "GET, HEAD"),
        ("GET", "/update/x", "PATCH"),
        ("PUT", "/forget/x", "DELETE"),
        ("POST", "/stash/", "PUT"),
        ("GET", "/batch", "POST"),
        ("OPTIONS", "/stash", "GET, HEAD, POST, DELETE"),
        ("TRACE", "/stash", "GET, HEAD, POST, DELETE"),
        ("BREW", "/stash", "GET, HEAD, POST, DELETE"),
    ],
)
def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    alice: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    refused = alice.request(method, path)

    assert refused.status_code == 405
    assert refused.json()["code"] == "method_not_allowed"
    assert refused.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        "%",
        "%2",
        "%zz",
        "a%",
        "%ff",
        "%c0%af",
        "%ed%a0%80",
        "%00",
        "a%0Ab",
        "%7f",
        "..",
        "a/../b",
        "a//b",
        "a/",
        "",
    ],
)
def test_an_id_that_no_memory_can_have_is_refused(server, alice_key: str, path: str) -> None:
    """On a bare socket: clients mend such paths before they send them."""
    from tests.raw_http import exchange, head

    answer = exchange(server, head("GET", f"/recall/{path}", alice_key))

    assert answer.status == 400
    assert b'"code":"invalid_request"' in answer.body
    assert b'"field":"memory_id"' in answer.body


def test_an_id_may_be_256_bytes_long(alice: httpx2.Client) -> None:
    assert alice.get("/recall/" + "x" * 256).status_code == 404
    assert alice.get("/recall/" + "x" * 257).status_code == 400


def test_a_head_request_is_a_recall_without_a_body(alice: httpx2.Client) -> None:
    memory_id = alice.post("/stash", json={"data": "x" * 100}).json()["memory_id"]

    answer = alice.head(f"/recall/{memory_id}")

    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 100
