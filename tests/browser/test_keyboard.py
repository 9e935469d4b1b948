"""The pages without a mouse: Tab reaches what can be clicked, Enter and Space press it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import EMAIL, PASSPHRASE, log_in
from tests.browser.review import WIDTHS
from tests.server_process import ServerProcess

# More than any page has of what Tab stops at.
STOPS = 100
THEME = "document.documentElement.className"


@pytest.fixture
def leaver(browser: Browser, service: ServerProcess) -> Iterator[Page]:
    """A page of an operator whose session is nobody else's, so that it may end."""
    with browser.new_context(base_url=service.url) as context:
        page = context.new_page()
        log_in(page, EMAIL, PASSPHRASE)
        yield page


def narrow(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": WIDTHS[390]})


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until the element has the focus."""
    for _ in range(STOPS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def button(page: Page, name: str) -> Locator:
    """A button as a screen reader calls it."""
    return page.get_by_role("button", name=name)


def test_the_menu_of_the_operator_opens_and_closes(operator: Page) -> None:
    operator.goto("/admin/")
    menu = button(operator, EMAIL)
    expect(menu).to_have_attribute("aria-expanded", "false")
    for key in ("Enter", "Space"):
        tab_to(operator, menu)
        operator.keyboard.press(key)
        expect(menu).to_have_attribute("aria-expanded", "true")
        expect(button(operator, "Light")).to_be_focused()
        operator.keyboard.press("Escape")
        expect(button(operator, "Light")).to_be_hidden()
        expect(menu).to_be_focused()
        expect(menu).to_have_attribute("aria-expanded", "false")


def test_a_theme_is_chosen(operator: Page) -> None:
    operator.goto("/admin/")
    tab_to(operator, button(operator, EMAIL))
    operator.keyboard.press("Enter")
    for theme in ("Dark", "Light"):
        tab_to(operator, button(operator, theme))
        operator.keyboard.press("Space")
        expect(button(operator, theme)).to_have_attribute("aria-pressed", "true")
        assert operator.evaluate(THEME) == theme.lower()


def test_the_theme_of_the_log_in_page_is_chosen(stranger: Page) -> None:
    stranger.goto("/admin/login/")
    tab_to(stranger, button(stranger, "Theme"))
    stranger.keyboard.press("Enter")
    expect(button(stranger, "Light")).to_be_focused()
    tab_to(stranger, button(stranger, "Dark"))
    stranger.keyboard.press("Enter")
    expect(button(stranger, "Dark")).to_have_attribute("aria-pressed", "true")
    assert stranger.evaluate(THEME) == "dark"


def test_an_operator_logs_out(leaver: Page) -> None:
    tab_to(leaver, button(leaver, EMAIL))
    leaver.keyboard.press("Enter")
    expect(button(leaver, "Light")).to_be_focused()
    tab_to(leaver, button(leaver, "Log out"))
    leaver.keyboard.press("Enter")
    expect(leaver.get_by_text("Logged out")).to_be_visible()
    leaver.goto("/admin/")
    expect(button(leaver, "Log in")).to_be_visible()


def test_the_sidebar_of_a_wide_page_is_put_away_and_brought_back(operator: Page) -> None:
    operator.goto("/admin/")
    sidebar, link = button(operator, "Sidebar"), operator.get_by_role("link", name="Tiers")
    tab_to(operator, sidebar)
    operator.keyboard.press("Enter")
    expect(link).to_be_hidden()
    expect(sidebar).to_have_attribute("aria-expanded", "false")
    operator.keyboard.press("Space")
    expect(link).to_be_visible()
    expect(sidebar).to_be_focused()
    expect(sidebar).to_have_attribute("aria-expanded", "true")


def test_the_sidebar_of_a_narrow_page_leads_to_another_page(operator: Page) -> None:
    narrow(operator)
    operator.goto("/admin/")
    link = operator.get_by_role("link", name="Tiers")
    expect(link).to_be_hidden()
    tab_to(operator, button(operator, "Sidebar"))
    operator.keyboard.press("Enter")
    expect(operator.get_by_role("link", name="Home")).to_be_focused()
    # The one in the sidebar itself, which closes it.
    tab_to(operator, button(operator, "Sidebar").first)
    operator.keyboard.press("Enter")
    expect(link).to_be_hidden()
    expect(button(operator, "Sidebar")).to_be_focused()

    operator.keyboard.press("Space")
    expect(operator.get_by_role("link", name="Home")).to_be_focused()
    tab_to(operator, link)
    operator.keyboard.press("Enter")
    operator.wait_for_url("**/admin/accounts/tier/")


def test_the_filters_of_a_list_open_and_close(operator: Page) -> None:
    operator.goto("/admin/accounts/user/")
    tab_to(operator, button(operator, "Filters"))
    operator.keyboard.press("Enter")
    chosen = operator.locator("#changelist-filter :focus")
    expect(chosen).to_be_visible()
    operator.keyboard.press("Escape")
    expect(operator.locator("#changelist-filter")).to_be_hidden()
    expect(button(operator, "Filters")).to_be_focused()


def test_what_a_field_refers_to_is_opened(operator: Page) -> None:
    operator.goto("/admin/accounts/user/1/change/")
    more = button(operator, "More")
    tab_to(operator, more)
    operator.keyboard.press("Enter")
    expect(operator.get_by_role("link", name="Change selected tier")).to_be_focused()
    operator.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")


def with_a_slow_script(page: Page) -> None:
    """Its pages are drawn before unfold shows them, as they often are."""

    def late(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/alpine.js", late)


def test_a_sign_in_link_needs_one_key(stranger: Page, service: ServerProcess) -> None:
    with_a_slow_script(stranger)
    stranger.goto(service.manage("signinlink", service.url))
    expect(button(stranger, "Sign in")).to_be_focused()
    stranger.keyboard.press("Enter")
    stranger.wait_for_url("**/admin/")
    expect(button(stranger, "local@localhost")).to_be_visible()


def test_the_log_in_page_takes_what_is_typed_at_once(stranger: Page) -> None:
    with_a_slow_script(stranger)
    stranger.goto("/admin/login/?next=/admin/")
    expect(stranger.get_by_label("Email")).to_be_focused()
    stranger.keyboard.type(EMAIL)
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(PASSPHRASE)
    stranger.keyboard.press("Enter")
    stranger.wait_for_url(lambda url: urlsplit(url).path == "/admin/")
