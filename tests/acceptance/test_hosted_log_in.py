"""The operators' way into a hosted service: what its cookies are, and whose forms it takes."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.acceptance.test_hosted_server import COMPLETE
from tests.server_process import ServerProcess
from tests.servers import shared

EMAIL, PASSPHRASE = "operator@example.com", "correct horse battery staple"
PAGE = "/admin/login/"
HOST = {"Host": "stash.example", "X-Forwarded-Proto": "https"}
REFERER = {"Referer": f"https://stash.example{PAGE}"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A hosted server with one who may log in."""
    settings = COMPLETE | {
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": shared.redis_server().url,
        "DJANGO_SUPERUSER_PASSWORD": PASSPHRASE,
    }
    server = ServerProcess(tmp_path_factory.mktemp("hosted"), **settings).start()
    server.manage("createsuperuser", "--noinput", "--email", EMAIL)
    yield server
    server.stop()


@pytest.fixture
def visitor(service: ServerProcess) -> Iterator[httpx2.Client]:
    """Someone who comes through the proxy that ends TLS. Cookies are sent by hand: the client speaks plain HTTP."""
    with httpx2.Client(base_url=service.url, headers=HOST, timeout=30) as client:
        yield client


def cookies(answer: httpx2.Response) -> dict[str, tuple[str, set[str]]]:
    """By name: the value, and the attributes in lower case."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        pair, *attributes = [part.strip() for part in line.split(";")]
        name, value = pair.split("=", 1)
        found[name] = (value, {attribute.lower() for attribute in attributes})
    return found


def log_in(visitor: httpx2.Client, **headers: str) -> httpx2.Response:
    """Sends the form as the page gave it, with these headers beside or in place of a browser's."""
    token = cookies(visitor.get(PAGE))["csrftoken"][0]
    form = {"username": EMAIL, "password": PASSPHRASE, "next": "/admin/", "csrfmiddlewaretoken": token}
    return visitor.post(PAGE, data=form, headers={"Cookie": f"csrftoken={token}"} | REFERER | headers)


def test_a_sessions_cookie_stays_with_this_site_on_tls_and_off_scripts(visitor: httpx2.Client) -> None:
    answer = log_in(visitor)

    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")
    session, attributes = cookies(answer)["sessionid"]
    assert attributes >= {"secure", "httponly", "samesite=lax"}
    assert not any(attribute.startswith("domain=") for attribute in attributes)
    assert {"secure", "samesite=lax"} <= cookies(answer)["csrftoken"][1]
    assert visitor.get("/admin/", headers={"Cookie": f"sessionid={session}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "csrftoken="},
        {"Referer": "https://elsewhere.example/"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
    ids=["no token", "another site's page", "another site", "nobody's page"],
)
def test_a_form_that_another_site_sends_is_refused(visitor: httpx2.Client, headers: dict[str, str]) -> None:
    answer = log_in(visitor, **headers)

    assert answer.status_code == 403
    assert "sessionid" not in cookies(answer)
