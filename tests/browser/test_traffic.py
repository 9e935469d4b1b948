"""What the pages show is what was asked, to the request."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.test_usage import loaded
from tests.browser.conftest import EMAIL, OPERATOR, PASSPHRASE, log_in
from tests.browser.watch import Watch
from tests.server_process import ServerProcess
from tests.usage_load import Load, wait_for_requests

REQUESTS = 200
LEGENDS = "Array.from(document.querySelectorAll('.stash-legend li'), one => one.textContent.trim())"
SUMS = """Object.fromEntries(Array.from(document.querySelectorAll('.stash-card thead th'), (head, place) =>
    [head.textContent, document.querySelector('.stash-card tbody tr').cells[place].textContent]))"""


@pytest.fixture
def server(own_server: Callable[..., ServerProcess]) -> ServerProcess:
    """With an operator, and nobody who asks but us."""
    server = own_server("--workers", "2")
    server.manage("shell", "-v", "0", "-c", OPERATOR)
    return server


@pytest.fixture
def load(server: ServerProcess) -> Load:
    """What was sent, and is written."""
    load = loaded(server)
    # Some of it is kept for a second, and recalled after that.
    while not load.tally or not load.tally[""]["recalls_expired"]:
        load.run(REQUESTS)
    wait_for_requests(server, load.tally[""]["requests"], seconds=15)
    return load


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """An operator's."""
    with browser.new_context(base_url=server.url) as context:
        watch, page = Watch(context, server.url), context.new_page()
        log_in(page, EMAIL, PASSPHRASE)
        yield page
        assert not watch.faults


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def legends(page: Page) -> dict[str, int]:
    """Each series of the first three charts with its sum."""
    found = [re.fullmatch(r"(.+?)\s+([\d,]+)", text) for text in page.evaluate(LEGENDS)]
    return {one[1]: whole(one[2]) for one in found if one}


def test_the_pages_show_what_was_sent_to_the_request(load: Load, page: Page) -> None:
    service = load.tally[""]
    recalls = {name: service[f"recalls_{name}"] for name in ("found", "expired", "missing")}
    refused = {"other 4xx": service["status_4xx"], "429": service["status_429"], "5xx": service["status_5xx"]}
    # It would prove little if one of them had not come up.
    assert all([*recalls.values(), service["stashes"], service["status_4xx"], service["status_429"]])
    sent = {
        "answered": service["requests"] - sum(refused.values()),
        **refused,
        "stashed": service["stashes"],
        "recalled": sum(recalls.values()),
        **recalls,
    }

    for path in ("/admin/", "/admin/?window=day", "/admin/?window=month", "/admin/usage/"):
        page.goto(path)
        assert legends(page) == sent, path

    users = {key: subjects[1] for key, subjects in load.subjects.items()}
    for user in set(users.values()):
        page.goto(f"/admin/usage/?who={user}")
        shown, tally = page.evaluate(SUMS), load.tally[user]
        assert {
            name: whole(shown[name]) for name in ("Requests", "Stashes", "Updates", "Forgets", "429")
        } == {
            "Requests": tally["requests"],
            "Stashes": tally["stashes"],
            "Updates": tally["updates"],
            "Forgets": tally["forgets"],
            "429": tally["status_429"],
        }
        assert [whole(shown[name]) for name in ("Found", "Expired", "Missing", "Other 4xx", "5xx")] == [
            tally[name]
            for name in ("recalls_found", "recalls_expired", "recalls_missing", "status_4xx", "status_5xx")
        ]
