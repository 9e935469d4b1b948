"""Pages of other origins may call the API where STASH_CORS_ORIGINS names them, and nowhere else."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.server_process import ServerProcess

Servers = Callable[..., ServerProcess]
APP = "https://app.example"
ORIGIN = {"Origin": APP}


@pytest.fixture
def page(own_server: Servers) -> Iterator[httpx2.Client]:
    """A page of the origin that is named."""
    server = own_server(STASH_CORS_ORIGINS=f"{APP}, http://localhost:3000")
    with server.client() as client:
        client.headers.update(ORIGIN)
        yield client


def asked(client: httpx2.Client, method: str, path: str, *headers: str) -> httpx2.Response:
    """A browser's question before the request."""
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(headers)}
    return client.options(path, headers=wanted)


def test_it_is_off_by_default(server: ServerProcess) -> None:
    with server.client() as client:
        client.headers.update(ORIGIN)
        for answer in [client.get("/recall/x"), asked(client, "PUT", "/stash/x", "x-api-key")]:
            assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("POST", "/stash", "content-type"),
        ("PUT", "/stash/a/b", "if-none-match"),
        ("PATCH", "/update/x", "if-match"),
        ("DELETE", "/forget/x", "authorization"),
        ("GET", "/recall/x", "x-request-id"),
    ],
)
def test_a_browser_may_send_each_verb_with_its_headers(
    page: httpx2.Client, method: str, path: str, header: str
) -> None:
    answer = asked(page, method, path, "x-api-key", header)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert {"x-api-key", header} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_page_can_read_answers_and_what_their_headers_say(page: httpx2.Client) -> None:
    kept = page.put("/stash/cors", json={"data": 1})
    for answer in [
        kept,
        page.get("/recall/cors"),
        page.get("/recall/none"),
        page.post("/stash", content=b"{"),
    ]:
        assert answer.headers["Access-Control-Allow-Origin"] == APP
        assert {"ETag", "RateLimit", "Retry-After"} <= set(
            answer.headers["Access-Control-Expose-Headers"].split(", ")
        )
        assert {"origin", "X-API-KEY"} <= set(answer.headers["Vary"].split(", "))
    refused = page.get("/recall/cors", headers={"X-API-KEY": "bad"})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, APP)


def test_other_origins_and_the_pages_of_people_are_left_out(page: httpx2.Client) -> None:
    elsewhere = page.get("/recall/x", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in elsewhere.headers
    assert "Access-Control-Allow-Origin" not in page.get("/admin/login/").headers


def test_any_origin_may_be_allowed(own_server: Servers) -> None:
    with own_server(STASH_CORS_ORIGINS="*").client() as client:
        answer = client.get("/recall/x", headers={"Origin": "https://whoever.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
