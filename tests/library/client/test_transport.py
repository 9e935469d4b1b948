"""Whose certificates are looked at."""

import ssl

import pytest

from stash_memory.client.choice import Choice
from stash_memory.client.hosted import Destination


def verified(url: str) -> bool:
    """Whether a client of this server checks whom it speaks to, before it says anything."""
    destination = Destination(Choice("hosted", "api_key=", url, "sk_live_x"), timeout=1)
    with destination.make_client() as client:
        context = client._transport._pool._ssl_context  # type: ignore[attr-defined]
    return bool(context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname)


@pytest.mark.parametrize(
    "url", ["https://api.stash.memory", "http://stash.example", "https://127.0.0.1:8443", "HTTPS://localhost"]
)
def test_certificates_are_checked_wherever_tls_may_be_spoken(url: str) -> None:
    assert verified(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_a_server_without_tls_on_this_machine_costs_no_reading_of_certificates(url: str) -> None:
    assert not verified(url)
