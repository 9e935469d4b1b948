"""Bad fields of POST /keys: each a 400 that names the field; nothing is minted."""

import httpx2
import pytest

from tests.raw_http import exchange, head
from tests.server_process import ServerProcess

SECONDS = "expires_in must be a whole number of seconds, at least 1."
MAXIMUM = "expires_in is over the maximum of 315360000 seconds, which are ten years."
CONTROL = "The name has a control character in it."
TEXT = {
    '{"expires_in": 0}': ("expires_in", SECONDS),
    '{"expires_in": -1}': ("expires_in", SECONDS),
    '{"expires_in": 1.5}': ("expires_in", SECONDS),
    '{"expires_in": 60.0}': ("expires_in", SECONDS),
    '{"expires_in": true}': ("expires_in", SECONDS),
    '{"expires_in": null}': ("expires_in", SECONDS),
    '{"expires_in": "60"}': ("expires_in", SECONDS),
    '{"expires_in": 315360001}': ("expires_in", MAXIMUM),
    '{"expires_in": 9223372036854775808}': ("expires_in", MAXIMUM),
    f'{{"expires_in": {"9" * 40}}}': ("expires_in", MAXIMUM),
    f'{{"expires_in": {"9" * 4000}}}': ("expires_in", MAXIMUM),
    '{"read_only": 1}': ("read_only", "read_only must be true or false."),
    '{"read_only": "true"}': ("read_only", "read_only must be true or false."),
    '{"read_only": null}': ("read_only", "read_only must be true or false."),
    '{"name": 1}': ("name", "name must be a string."),
    '{"name": null}': ("name", "name must be a string."),
    f'{{"name": "{"x" * 101}"}}': ("name", "The name may be 100 characters long."),
    r'{"name": "a\u0000b"}': ("name", CONTROL),
    r'{"name": "a\nb"}': ("name", CONTROL),
    r'{"name": "a\u0085b"}': ("name", CONTROL),
    r'{"name": "a\u2029b"}': ("name", CONTROL),
    '{"prefix": ["a"]}': ("prefix", "prefix must be a string."),
    '{"prefix": null}': ("prefix", "prefix must be a string."),
    f'{{"prefix": "{"x" * 201}"}}': ("prefix", "The prefix may be 200 bytes long."),
    f'{{"prefix": "{"é" * 101}"}}': ("prefix", "The prefix may be 200 bytes long."),
    r'{"prefix": "a\u0000/"}': ("prefix", "The prefix has a control character in it."),
    '{"prefix": "/a"}': (
        "prefix",
        'The prefix has a segment that is empty, "." or ".."; clients rewrite such paths.',
    ),
    '{"prefix": "a/../"}': (
        "prefix",
        'The prefix has a segment that is empty, "." or ".."; clients rewrite such paths.',
    ),
    '{"readonly": true}': ("readonly", "There is no field named 'readonly' here."),
    '{"user_id": "usr_local"}': ("user_id", "There is no field named 'user_id' here."),
    '{"parent": "key_000000000000"}': ("parent", "There is no field named 'parent' here."),
    "": (None, "The body is empty; send a JSON object."),
    "[]": (None, "The body must be a JSON object."),
    '{"name": ': (None, "The body is not valid JSON: it ends too soon."),
    r'{"name": "\ud800"}': (
        None,
        r"The body escapes half of a surrogate pair (such as \ud800), which is no character.",
    ),
}


@pytest.mark.parametrize("body", TEXT)
def test_a_bad_field_is_named(alice: httpx2.Client, body: str) -> None:
    before = len(alice.get("/keys").json()["keys"])

    refused = alice.post("/keys", content=body.encode())

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    assert (refused.json().get("field"), refused.json()["detail"]) == TEXT[body]
    assert len(alice.get("/keys").json()["keys"]) == before


def test_invalid_utf8_is_refused(alice: httpx2.Client) -> None:
    refused = alice.post("/keys", content=b'{"name": "\xff"}')

    assert refused.json()["detail"] == "The body is not valid UTF-8."


def test_a_field_given_twice_is_the_last(alice: httpx2.Client) -> None:
    key = alice.post("/keys", content=b'{"read_only": true, "prefix": "a/", "read_only": false}').json()

    assert (key["read_only"], key["prefix"]) == (False, "a/")
    alice.delete(f"/keys/{key['id']}")


@pytest.mark.parametrize(
    "framing",
    [{"Content_Length": 5000}, {"Content_Length": 500_000_000}, {"Transfer_Encoding": "chunked"}],
)
def test_a_body_of_more_than_4_kb_is_a_413(
    server: ServerProcess, alice_key: str, framing: dict[str, object]
) -> None:
    body = b"" if "Content_Length" in framing else b"1388\r\n" + b" " * 5000 + b"\r\n0\r\n\r\n"

    answer = exchange(server, head("POST", "/keys", alice_key, **framing), body)

    assert answer.status == 413
    assert b'"detail":"The body is too large; it may be 4,096 bytes."' in answer.body


def test_a_chunked_body_is_read(server: ServerProcess, alice_key: str) -> None:
    answer = exchange(
        server,
        head("POST", "/keys", alice_key, Transfer_Encoding="chunked"),
        b'd\r\n{"name": "x"}\r\n0\r\n\r\n',
    )

    assert answer.status == 201


def test_a_body_cut_short_mints_nothing(server: ServerProcess, alice_key: str) -> None:
    answer = exchange(server, head("POST", "/keys", alice_key, Content_Length=20), b'{"name": "x"}', end=True)

    assert (answer.status, b"content_length_mismatch" in answer.body) == (400, True)
