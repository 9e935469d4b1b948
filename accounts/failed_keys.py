"""How often an address may show a key that is not valid."""

from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.request import Request

from stash_memory.errors import RateLimited

RATE = "20/m"


def count_failed_key(request: HttpRequest | Request) -> None:
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
