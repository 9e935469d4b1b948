"""What operators do in the browser, and what clients of the API see of it."""

import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSPHRASE, log_in
from tests.browser.review import review
from tests.server_process import ServerProcess

# As long as an id may be, without a place to break it, and with what would be a tag.
LONG_ID = "<b>" + "w" * 253
VIEWER = "viewer@example.com"
PEOPLE = f"""
from django.contrib.auth.models import Group
from accounts.models import User
tenant = User.objects.create_user("tenant@example.com", tier_id="pro")
keeper = User.objects.create_user("keeper@example.com", tier_id="pro", burst=1000, requests_per_minute=60000)
viewer = User.objects.create_user({VIEWER!r}, {PASSPHRASE!r}, is_staff=True)
viewer.groups.add(Group.objects.get(name="viewer"))
print(tenant.pk, tenant.public_id, keeper.public_id)
"""
# It is to count within two seconds; a busy machine gets some more.
SECONDS = 5


@pytest.fixture(scope="module")
def people(service: ServerProcess) -> list[str]:
    """Primary key and id of a tenant, and the id of one that may ask for much at once. A viewer is made beside them."""
    return service.manage("shell", "-v", "0", "-c", PEOPLE).split()


@pytest.fixture(scope="module")
def tenant(people: list[str]) -> tuple[str, str]:
    """Primary key and id of a user on the tier pro."""
    return people[0], people[1]


@pytest.fixture
def client(service: ServerProcess, tenant: tuple[str, str]) -> Iterator[httpx2.Client]:
    with service.client(service.create_key("tenant@example.com")) as client:
        yield client


@pytest.fixture
def viewer(browser: Browser, service: ServerProcess, tenant: tuple[str, str]) -> Iterator[Page]:
    """A page of somebody who may only read. What is refused is an error on the console, and none here."""
    with browser.new_context(base_url=service.url) as context:
        page = context.new_page()
        log_in(page, VIEWER, PASSPHRASE)
        yield page


def becomes(client: httpx2.Client, status: int, burst: int | None = None) -> bool:
    """Whether /whoami answers so, and with that limit, before long."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        answer = client.get("/whoami")
        if answer.status_code == status and (burst is None or answer.json()["limits"]["burst"] == burst):
            return True
        time.sleep(0.1)
    return False


def act(page: Page, tenant: tuple[str, str], action: str) -> None:
    """One of the actions of the list of users."""
    page.goto(f"/admin/accounts/user/?q={tenant[1]}")
    page.locator("tbody input.action-select").check()
    page.locator("select[name=action]").select_option(action)
    page.locator("button[name=index]").click()
    page.wait_for_load_state()


def save(page: Page) -> None:
    page.locator("[name=_save]").first.click()
    page.wait_for_load_state()


def test_a_key_that_is_made_here_works_until_it_is_revoked_here(
    operator: Page, service: ServerProcess, tenant: tuple[str, str]
) -> None:
    operator.goto("/admin/accounts/apikey/add/")
    operator.get_by_role("combobox").first.click()
    operator.locator(".select2-search__field").fill("tenant@")
    operator.locator(".select2-results__option", has_text="tenant@example.com").click()
    operator.locator("[name=name]").fill("made in a browser")
    save(operator)
    secret = operator.locator("#secret").inner_text().strip()

    with service.client(secret) as client:
        assert client.put("/stash/mine", json={"data": 1}).status_code == 201
        operator.goto("/admin/accounts/apikey/?q=made+in+a+browser")
        operator.locator("tbody input.action-select").check()
        operator.locator("select[name=action]").select_option("revoke")
        operator.locator("button[name=index]").click()
        operator.get_by_role("button", name="Revoke").click()
        expect(operator.get_by_text("1 API key revoked.")).to_be_visible()
        assert becomes(client, 401)
        assert client.get("/recall/mine").status_code == 401


def test_the_limits_of_a_tier_and_of_a_user_are_what_whoami_says(
    operator: Page, client: httpx2.Client, tenant: tuple[str, str]
) -> None:
    operator.goto("/admin/accounts/tier/pro/change/")
    operator.locator("[name=burst]").fill("77")
    save(operator)
    assert becomes(client, 200, burst=77)

    operator.goto(f"/admin/accounts/user/{tenant[0]}/change/")
    operator.locator("[name=burst]").fill("88")
    operator.locator("[name=requests_per_minute]").fill("6000")
    save(operator)
    assert becomes(client, 200, burst=88)


def test_a_suspended_user_is_refused_until_it_is_resumed(
    operator: Page, client: httpx2.Client, tenant: tuple[str, str]
) -> None:
    assert client.get("/whoami").status_code == 200
    act(operator, tenant, "suspend")
    expect(operator.get_by_text("1 user suspended.")).to_be_visible()
    assert becomes(client, 401)
    act(operator, tenant, "resume")
    expect(operator.get_by_text("1 user resumed.")).to_be_visible()
    assert becomes(client, 200)


def test_a_viewer_reads_and_is_refused_what_changes_something(viewer: Page, tenant: tuple[str, str]) -> None:
    viewer.goto(f"/admin/users/{tenant[1]}/")
    expect(viewer.get_by_role("heading", name="API keys")).to_be_visible()
    expect(viewer.get_by_text("Forget all memories")).to_have_count(0)
    for path in (
        f"users/{tenant[1]}/forget/",
        "accounts/apikey/add/",
        "accounts/user/add/",
        "accounts/tier/add/",
    ):
        answer = viewer.goto(f"/admin/{path}")
        assert answer is not None
        assert answer.status == 403, path


def test_all_that_a_user_keeps_is_seen_and_forgotten(
    operator: Page, service: ServerProcess, people: list[str]
) -> None:
    with service.client(service.create_key("keeper@example.com")) as client:
        for memory_id in [LONG_ID, *(f"note-{number:02}" for number in range(60))]:
            path = f"/stash/{quote(memory_id, safe='')}"
            assert client.put(path, json={"data": "unseen words"}).is_success
        page = f"/admin/users/{people[2]}/"
        review(operator, page, "user-page")
        expect(operator.get_by_text(LONG_ID)).to_be_visible()
        expect(operator.get_by_text("unseen words")).to_have_count(0)
        operator.get_by_role("link", name="Next page").click()
        expect(operator.get_by_text("note-59")).to_be_visible()

        review(operator, f"{page}forget/", "user-forget")
        operator.get_by_role("button", name="Forget all memories").click()
        expect(operator.get_by_text("memories forgotten.")).to_be_visible()
        assert client.get("/stash").json()["memories"] == []
