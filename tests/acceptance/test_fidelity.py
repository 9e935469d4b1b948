"""A value recalls byte for byte."""

import httpx2
import pytest

VALUES = [
    "null",
    "0",
    "-0.0",
    "1e400",
    "1E+2",
    "1.10",
    "123456789012345678901234567890123456789012345678901234567890",
    "0.1000000000000000055511151231257827021181583404541015625",
    '{"b": 1, "a": 2, "b": 3}',
    '{ "spaced" :\t[ 1 ,\r\n 2 ] }',
    '"\\u00e9 \\/ \\b\\f\\n\\r\\t \\" \\\\"',
    '"é 🦆 \u2028 \u2029 \ufeff \U0010ffff"',
    '"\\ud83e\\udd86"',
    '"\\\\ud800 is a backslash and some letters"',
    '"\x7f</script>"',
    "[" * 900 + "]" * 900,
    '""',
    "{}",
]


@pytest.mark.parametrize("text", VALUES, ids=range(len(VALUES)))
def test_json_text_comes_back_as_it_came(alice: httpx2.Client, text: str) -> None:
    stashed = alice.post("/stash", content=f'{{"ttl":60,"data":{text}}}'.encode())
    assert stashed.status_code == 201, stashed.text

    recalled = alice.get(f"/recall/{stashed.json()['memory_id']}")

    assert recalled.content.partition(b'"data":')[2] == text.encode() + b"}"


@pytest.mark.parametrize("text", VALUES, ids=range(len(VALUES)))
def test_an_update_keeps_every_byte_too(alice: httpx2.Client, text: str) -> None:
    memory_id = alice.post("/stash", json={"data": 1}).json()["memory_id"]
    assert alice.patch(f"/update/{memory_id}", content=f'{{"data":{text}}}'.encode()).status_code == 200

    recalled = alice.get(f"/recall/{memory_id}")

    assert recalled.content.partition(b'"data":')[2] == text.encode() + b"}"


def test_json_is_read_whatever_the_content_type_says(alice: httpx2.Client) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""):
        assert alice.post("/stash", content=b'{"data": 1}', headers={"Content-Type": kind}).status_code == 201


def test_of_a_field_given_twice_the_last_wins(alice: httpx2.Client) -> None:
    memory = alice.post("/stash", content=b'{"data": 1, "ttl": 5, "data": 2, "ttl": 60}').json()

    assert memory["ttl"] == 60
    assert alice.get(f"/recall/{memory['memory_id']}").json()["data"] == 2
