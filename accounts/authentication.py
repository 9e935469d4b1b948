"""Who is asking: the API key, as DRF's authentication step."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.account import Account
from accounts.account_cache import cache
from accounts.failed_keys import count_failed_key
from accounts.key_secret import digest_of, is_well_formed
from stash_memory.errors import InvalidApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """X-API-KEY, or Authorization: Bearer."""

    def authenticate(self, request: Request) -> tuple[Account, Account]:
        """The account behind the key, as `request.user` and `request.auth`. Raises InvalidApiKey, RateLimited."""
        account = account_behind(secret_in(request))
        if account is None:
            count_failed_key(request)
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
