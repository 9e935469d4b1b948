"""Every page of the admin, at both widths and in both themes: quiet, whole and open to everyone."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import LONG_EMAIL, LONG_NAME
from tests.browser.review import review
from tests.server_process import ServerProcess

# With primary keys of what has the longest names.
PAGES = {
    "dashboard": "",
    "users": "accounts/user/",
    "user-add": "accounts/user/add/",
    "user": "accounts/user/{user}/change/",
    "users-like-nobody": "accounts/user/?q=nobody",
    "keys": "accounts/apikey/",
    "key-add": "accounts/apikey/add/",
    "key": "accounts/apikey/{key}/change/",
    "key-rotate": "accounts/apikey/{key}/rotate/",
    "tiers": "accounts/tier/",
    "tier": "accounts/tier/pro/change/",
    "usage": "usage/",
    "usage-of-one": "usage/?who=" + LONG_EMAIL,
    "usage-of-nobody": "usage/?who=nobody@example.com",
    "purge-runs": "memories/purgerun/",
    "pool-moves": "accounts/poolmove/",
    "audit-log": "accounts/auditentry/",
    "audit-entry": "accounts/auditentry/{entry}/change/",
    "password": "password_change/",
    "user-page-of-the-longest": "users/{public_id}/",
}
LONGEST = f"""
from accounts.models import ApiKey, AuditEntry
key = ApiKey.objects.get(name={LONG_NAME!r})
print(key.user_id, key.user.public_id, key.pk, AuditEntry.objects.get(object_id=key.public_id).pk)
"""


@pytest.fixture(scope="module")
def longest(service: ServerProcess) -> dict[str, str]:
    """Primary keys, and the user's id."""
    return dict(zip(("user", "public_id", "key", "entry"), service.shell(LONGEST).split(), strict=True))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_whole_and_open_to_everyone(
    operator: Page, longest: dict[str, str], name: str
) -> None:
    review(operator, f"/admin/{PAGES[name].format(**longest)}", name)


def test_a_new_secret_is_whole(operator: Page) -> None:
    def make_a_key(page: Page) -> None:
        page.get_by_role("combobox").first.click()
        page.locator(".select2-search__field").fill(LONG_EMAIL)
        page.locator(".select2-results__option", has_text=LONG_EMAIL).click()
        page.locator("[name=name]").fill("another")
        page.locator("[name=_save]").first.click()
        page.locator("#secret").wait_for()

    review(operator, "/admin/accounts/apikey/add/", "key-secret", make_a_key)


def test_a_message_that_names_the_longest_address_is_too(operator: Page, longest: dict[str, str]) -> None:
    def save(page: Page) -> None:
        page.locator("[name=_save]").first.click()
        page.get_by_text("was changed successfully").wait_for()

    review(operator, f"/admin/accounts/user/{longest['user']}/change/", "user-saved", save)


def test_the_question_for_a_tier_is_too(operator: Page) -> None:
    def choose_all(page: Page) -> None:
        # Not one by one: the bar of actions comes up over the last ones of a long list.
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option("change_tier")
        page.locator("button[name=index]").click()
        page.get_by_role("button", name="Change the tier").wait_for()

    review(operator, "/admin/accounts/user/", "users-tier", choose_all)


def test_the_question_before_keys_are_revoked_is_too(operator: Page) -> None:
    def choose_all(page: Page) -> None:
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option("revoke")
        page.locator("button[name=index]").click()
        page.get_by_role("button", name="Revoke").wait_for()

    review(operator, "/admin/accounts/apikey/", "keys-revoke", choose_all)


def test_the_log_in_page_is_too(stranger: Page) -> None:
    review(stranger, "/admin/login/", "log-in")


def test_the_sign_in_page_is_too(stranger: Page, service: ServerProcess) -> None:
    review(stranger, service.manage("signinlink", service.url), "sign-in")


def test_the_page_of_a_link_that_was_used_is_too(browser: Browser, service: ServerProcess) -> None:
    # Its 410 is an error on the console.
    with browser.new_context(base_url=service.url) as context:
        review(context.new_page(), "/admin/sign-in/used/", "sign-in-used")
