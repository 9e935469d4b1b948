"""DRF's authentication step: the account behind the API key, and a limit on wrong keys by address."""

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.account import Account
from accounts.account_cache import cache
from accounts.key_secret import digest_of, is_well_formed
from stash_memory.errors import InvalidApiKey, RateLimited

RATE = "20/m"


def count_failed_key(request: HttpRequest | Request) -> None:
    """Counts an invalid key. Raises RateLimited if this address has shown too many within a minute.

    Call it only for an invalid key, so that neighbors never block a valid one. Without the cache there is no limit.
    """
    usage = get_usage(request, group="failed-keys", key="ip", rate=RATE, increment=True)
    if usage is not None and usage["count"] > usage["limit"]:
        raise RateLimited(
            usage["time_left"] * 1000,
            "Too many invalid API keys from this address; wait before you try again.",
        )


class ApiKeyAuthentication(BaseAuthentication):
    """Reads the key from X-API-KEY or Authorization: Bearer."""

    def authenticate(self, request: Request) -> tuple[Account, Account]:
        """Returns the account, as `request.user` and `request.auth`. Raises InvalidApiKey, RateLimited."""
        account = account_behind(secret_in(request))
        if account is None:
            count_failed_key(request)
            raise InvalidApiKey
        return account, account


def account_behind(secret: str) -> Account | None:
    """Returns the account of a valid key, else None. A cached key needs no check of its form."""
    digest = digest_of(secret)
    return cache.find(digest) if digest in cache or is_well_formed(secret) else None


def secret_in(request: Request) -> str:
    """Returns the key of the request, or an empty string."""
    secret: str | None = request.META.get("HTTP_X_API_KEY")
    if secret is not None:
        return secret
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
