"""The user's token bucket, as DRF's throttle step."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from memories.body import declared_length
from storage.store import store_for

# Up to this, the token is spent inside the storage step itself, and costs no round trip of its own.
IN_STORAGE_STEP_BYTES = 64 * 1024


class TokenBucketThrottle(BaseThrottle):
    """Hands the request its `operation.spend`; where a large body follows, charges it before a byte of it is read."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Always True: a token refused is raised as RateLimited, here or in the storage step."""
        account = request.auth
        spend = account.limits.spend()
        request.trace.spend = spend
        if spend is not None:
            declared = declared_length(request)
            if declared is None or declared > IN_STORAGE_STEP_BYTES:
                store_for(request).spend(account.user_id, spend)
        return True


def charge(request: Request) -> None:
    """Spends the request's token now, ahead of work that has no storage step. Raises RateLimited."""
    spend = request.trace.spend
    if spend is not None and spend.bucket is None:
        store_for(request).spend(request.auth.user_id, spend)
