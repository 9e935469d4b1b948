"""Who is asking: the API key, as DRF's authentication step, and how often an address may show a bad one."""

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.account import Account
from accounts.account_cache import cache
from accounts.key_secret import digest_of, is_well_formed
from stash_memory.errors import InvalidApiKey, RateLimited

RATE = "20/m"


def count_failed_key(request: HttpRequest) -> None:
    """Counts one more. Raises RateLimited when this address has shown too many of them within a minute.

    Asked only after a key was found bad, so that a good one is never refused for its neighbours. While the cache is
    away nobody is told to wait: it is refused as an invalid one.
    """
    usage = get_usage(request, group="failed-keys", key="ip", rate=RATE, increment=True)
    if usage is not None and usage["count"] > usage["limit"]:
        raise RateLimited(
            usage["time_left"] * 1000,
            "Too many invalid API keys from this address; wait before you try again.",
        )


class ApiKeyAuthentication(BaseAuthentication):
    """X-API-KEY, or Authorization: Bearer."""

    def authenticate(self, request: Request) -> tuple[Account, Account]:
        """The account behind the key, as `request.user` and `request.auth`. Raises InvalidApiKey, RateLimited."""
        account = account_behind(secret_in(request))
        if account is None:
            count_failed_key(request._request)
            raise InvalidApiKey
        return account, account


def account_behind(secret: str) -> Account | None:
    """The account of a valid key. One that the cache has just seen was well formed then; any other has to be."""
    digest = digest_of(secret)
    return cache.find(digest) if digest in cache or is_well_formed(secret) else None


def secret_in(request: Request) -> str:
    """The key that the request shows, or an empty string."""
    secret: str | None = request.META.get("HTTP_X_API_KEY")
    if secret is not None:
        return secret
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
