"""Whose word is taken for the client's address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from stash_memory.config import BadSetting
from stash_site.proxies import ProxyMiddleware, address, networks

PROXIES = "10.0.0.0/8, 2001:db8::/32"


@pytest.fixture
def seen(settings: Any) -> Callable[..., HttpRequest]:
    """The request as the service sees it behind these proxies."""
    settings.STASH_TRUSTED_PROXIES = networks(PROXIES)
    requests: list[HttpRequest] = []
    middleware = ProxyMiddleware(lambda request: requests.append(request) or HttpResponse())

    def see(peer: str, forwarded_for: str | None = None, **headers: str) -> HttpRequest:
        if forwarded_for is not None:
            headers["HTTP_X_FORWARDED_FOR"] = forwarded_for
        middleware(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))
        return requests[-1]

    return see


def test_without_proxies_nobodys_word_is_taken(settings: Any) -> None:
    settings.STASH_TRUSTED_PROXIES = []
    with pytest.raises(MiddlewareNotUsed):
        ProxyMiddleware(lambda request: HttpResponse())


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, 10.0.0.9,10.0.0.8", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7, unknown", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "192.0.2.7:51234", "192.0.2.7"),
        ("10.0.0.1", "[2001:db9::7]:51234", "2001:db9::7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db9::7", "2001:db9::7"),
        ("192.0.2.66", "192.0.2.7", "192.0.2.66"),
        ("192.0.2.66", "10.0.0.1, 192.0.2.7", "192.0.2.66"),
    ],
)
def test_the_chain_is_followed_as_far_as_proxies_are_trusted(
    seen: Callable[..., HttpRequest], peer: str, forwarded_for: str | None, client: str
) -> None:
    assert seen(peer, forwarded_for).META["REMOTE_ADDR"] == client


def test_only_a_trusted_proxy_says_that_a_request_came_over_tls(
    seen: Callable[..., HttpRequest], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert seen("10.0.0.1", HTTP_X_FORWARDED_PROTO="https").is_secure() is True
    assert seen("192.0.2.66", HTTP_X_FORWARDED_PROTO="https").is_secure() is False


@pytest.mark.parametrize("text", ["", " ", "a.b.c.d", "1.2.3", "[::1:", "1.2.3.4:x:y", "unix:"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address(text) is None


@pytest.mark.parametrize("text", ["10.0.0.0/33", "load-balancer", "10.0.0.1/8"])
def test_what_is_no_network_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(BadSetting, match=r"^STASH_TRUSTED_PROXIES is .*; it must be addresses or networks"):
        networks(text)
