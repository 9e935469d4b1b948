"""How a request shows its key: X-API-KEY, or Authorization: Bearer (RFC 6750)."""

import httpx2
import pytest

from tests.server_process import ServerProcess


def status(server: ServerProcess, **headers: str) -> int:
    """Of a recall that shows these headers; 404 is that of one who was let in."""
    with server.stranger() as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.get("/recall/none", headers=named).status_code


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_the_word_bearer_may_be_in_any_case_and_spaces_may_follow(
    server: ServerProcess, alice_key: str, scheme: str
) -> None:
    assert status(server, Authorization=f"{scheme} {alice_key}") == 404


@pytest.mark.parametrize(
    "form", ["{}", "Basic {}", "Token {}", "Bearer{}", "Bearer", "Bearer a {}", "Bearer {} a"]
)
def test_no_other_form_of_authorization_lets_anyone_in(
    server: ServerProcess, alice_key: str, form: str
) -> None:
    assert status(server, Authorization=form.format(alice_key)) == 401


def test_x_api_key_goes_before_authorization_good_or_bad(server: ServerProcess, alice_key: str) -> None:
    assert status(server, X_API_KEY=alice_key, Authorization="Bearer nobody") == 404
    assert status(server, X_API_KEY="nobody", Authorization=f"Bearer {alice_key}") == 401


def test_a_key_in_the_query_or_in_a_cookie_is_none(server: ServerProcess, alice_key: str) -> None:
    with server.stranger() as client:
        assert client.get("/recall/none", params={"api_key": alice_key}).status_code == 401
        assert client.get("/recall/none", headers={"Cookie": f"X-API-KEY={alice_key}"}).status_code == 401


def test_both_headers_name_the_same_user(server: ServerProcess, alice_key: str) -> None:
    with httpx2.Client(base_url=server.url) as client:
        one = client.get("/whoami", headers={"X-API-KEY": alice_key}).json()
        other = client.get("/whoami", headers={"Authorization": f"Bearer {alice_key}"}).json()

    assert one["user_id"] == other["user_id"]
