"""Every page of the admin, at both widths and in both themes: quiet, whole and open to everyone."""

import pytest
from playwright.sync_api import Page

from tests.browser.review import review

PAGES = {
    "dashboard": "",
    "users": "accounts/user/",
    "user-add": "accounts/user/add/",
    "user": "accounts/user/1/change/",
    "keys": "accounts/apikey/",
    "key-add": "accounts/apikey/add/",
    "key": "accounts/apikey/1/change/",
    "tiers": "accounts/tier/",
    "tier": "accounts/tier/pro/change/",
    "usage": "usage/",
    "usage-of-nobody": "usage/?who=nobody@example.com",
    "purge-runs": "memories/purgerun/",
    "pool-moves": "accounts/poolmove/",
    "audit-log": "accounts/auditentry/",
    "password": "password_change/",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_whole_and_open_to_everyone(operator: Page, name: str) -> None:
    review(operator, f"/admin/{PAGES[name]}", name)


def test_the_log_in_page_is_too(stranger: Page) -> None:
    review(stranger, "/admin/login/", "log-in")
