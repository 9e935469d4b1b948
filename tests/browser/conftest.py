"""A browser, a server, and an operator who is logged in to it. What goes wrong on a page fails the test."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.watch import Watch
from tests.server_process import ServerProcess

EMAIL, PASSPHRASE = "ops@example.com", "a long passphrase"
OPERATOR = f"""
from accounts.models import User
User.objects.create_superuser({EMAIL!r}, {PASSPHRASE!r})
"""
# As long as they may be, and without a place to break them.
LONG_EMAIL = f"{'e' * 64}@{'.'.join(['m' * 61] * 3)}.aa"
LONG_NAME = "n" * 100
LONG_PREFIX = "p" * 200


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Not longer than this package: its event loop is the thread's, and Django and asyncio want none there."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with an operator, shared by all tests of this package."""
    process = ServerProcess(tmp_path_factory.mktemp("service"), "--workers", "2").start()
    process.manage("shell", "-v", "0", "-c", OPERATOR)
    process.create_key(LONG_EMAIL, "--name", LONG_NAME, "--prefix", LONG_PREFIX, "--tier", "pro")
    yield process
    process.stop()


@pytest.fixture(scope="package")
def session(browser: Browser, service: ServerProcess) -> Any:
    """The cookies of an operator who has logged in by the page for it."""
    with browser.new_context(base_url=service.url) as context:
        page = context.new_page()
        log_in(page, EMAIL, PASSPHRASE)
        return context.storage_state()


def log_in(page: Page, email: str, passphrase: str) -> None:
    """By the log-in page."""
    page.goto("/admin/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(passphrase)
    page.get_by_role("button", name="Log in").click()
    # The log-in page's own address ends so too: `?next=/admin/`.
    page.wait_for_url(lambda url: urlsplit(url).path == "/admin/")


@pytest.fixture
def operator(browser: Browser, service: ServerProcess, session: Any) -> Iterator[Page]:
    """A page of an operator who is logged in."""
    yield from watched(browser, service, session)


@pytest.fixture
def stranger(browser: Browser, service: ServerProcess) -> Iterator[Page]:
    """A page of somebody who is not."""
    yield from watched(browser, service, None)


def watched(browser: Browser, service: ServerProcess, session: Any) -> Iterator[Page]:
    """A page on which nothing may go wrong."""
    with browser.new_context(base_url=service.url, storage_state=session) as context:
        watch = Watch(context, service.url)
        yield context.new_page()
        assert not watch.faults
