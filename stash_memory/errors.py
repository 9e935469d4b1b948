"""The error tree: the server writes an error as problem+json, and the client raises it again.

    StashError
    ├── InvalidRequest            400  invalid_request
    │   └── ContentLengthMismatch 400  content_length_mismatch
    ├── InvalidApiKey             401  invalid_api_key
    ├── ScopeDenied               403  scope_denied
    ├── MemoryMissing
    │   ├── MemoryNotFound        404  memory_not_found
    │   └── MemoryExpired         410  memory_expired
    ├── KeyNotFound               404  key_not_found
    ├── RequestTimeout            408  request_timeout
    ├── PreconditionFailed        412  precondition_failed
    ├── PayloadTooLarge           413  payload_too_large
    ├── RateLimited               429  rate_limited
    ├── QuotaExceeded             429  quota_exceeded
    ├── StoreUnavailable          503  store_unavailable
    └── StoreFull                 507  store_full

The first line of an error's docstring is its default message; write it for users.
"""

from datetime import datetime
from typing import Any, Literal

from stash_memory.times import instant, iso

Applied = Literal[True, False, "unknown"]


class StashError(Exception):
    """The request failed.

    Base class of all errors. `detail` is the sentence, `code` the stable name, `status` the HTTP status.

    >>> MemoryNotFound().code, MemoryNotFound().status
    ('memory_not_found', 404)
    """

    status = 500
    code = "internal_error"
    title = "Internal error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().partition("\n")[0]
        super().__init__(self.detail)

    def extra(self) -> dict[str, Any]:
        """Returns this error's own members of its problem document (RFC 9457, section 3.2).

        >>> PayloadTooLarge(limit_bytes=1_048_576).extra()
        {'limit_bytes': 1048576}
        """
        return {}


class InvalidRequest(StashError):
    """Stash does not understand the request.

    `field` names the argument at fault, or is None.

    >>> InvalidRequest("ttl must be at least 1.", field="ttl").field
    'ttl'
    """

    status = 400
    code = "invalid_request"
    title = "Invalid request"

    def __init__(self, detail: str | None = None, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field

    def extra(self) -> dict[str, Any]:
        return {} if self.field is None else {"field": self.field}


class ContentLengthMismatch(InvalidRequest):
    """The body is shorter than its Content-Length; nothing was stored.

    >>> issubclass(ContentLengthMismatch, InvalidRequest)
    True
    """

    code = "content_length_mismatch"
    title = "Content-Length mismatch"


class InvalidApiKey(StashError):
    """Send a valid API key in X-API-KEY, or as Authorization: Bearer.

    >>> InvalidApiKey().status
    401
    """

    status = 401
    code = "invalid_api_key"
    title = "Invalid API key"


class ScopeDenied(StashError):
    """This API key's scope does not allow the request.

    >>> ScopeDenied().status
    403
    """

    status = 403
    code = "scope_denied"
    title = "Outside the key's scope"


class MemoryMissing(StashError):
    """The memory is gone or never existed.

    Stash raises one of the two subclasses.

    >>> issubclass(MemoryNotFound, MemoryMissing) and issubclass(MemoryExpired, MemoryMissing)
    True
    """

    code = "memory_missing"
    title = "No such memory"


class MemoryNotFound(MemoryMissing):
    """There is no memory with this id: it was forgotten or never existed.

    >>> stash.recall("nothing")
    Traceback (most recent call last):
    stash_memory.errors.MemoryNotFound: There is no memory with this id: it was forgotten or never existed.
    """

    status = 404
    code = "memory_not_found"
    title = "Memory not found"


class MemoryExpired(MemoryMissing):
    """This memory's TTL has run out, and its data is gone.

    >>> MemoryExpired(1_768_476_600_000).status
    410
    """

    status = 410
    code = "memory_expired"
    title = "Memory expired"

    def __init__(self, expired_at_ms: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.expired_at_ms = expired_at_ms

    @property
    def expired_at(self) -> datetime:
        """The instant of the expiry, in UTC, rounded down to a second.

        >>> print(MemoryExpired(1_768_476_600_999).expired_at)
        2026-01-15 11:30:00+00:00
        """
        return instant(self.expired_at_ms)

    def extra(self) -> dict[str, Any]:
        return {"expired_at": iso(self.expired_at_ms)}


class KeyNotFound(StashError):
    """Your API key sees no live key with this id.

    >>> KeyNotFound().code
    'key_not_found'
    """

    status = 404
    code = "key_not_found"
    title = "Key not found"


class RequestTimeout(StashError):
    """The request arrived too slowly; nothing was stored.

    >>> RequestTimeout().status
    408
    """

    status = 408
    code = "request_timeout"
    title = "Request timeout"


class PreconditionFailed(StashError):
    """The memory's version has changed; recall it and decide again.

    >>> _ = stash.set("lock", "agent-7")
    >>> stash.set("lock", "agent-8", if_absent=True)
    Traceback (most recent call last):
    stash_memory.errors.PreconditionFailed: There is a memory with this id already...
    """

    status = 412
    code = "precondition_failed"
    title = "Precondition failed"


class PayloadTooLarge(StashError):
    """The data is larger than this user's payload limit.

    >>> PayloadTooLarge(limit_bytes=1_048_576).limit_bytes
    1048576
    """

    status = 413
    code = "payload_too_large"
    title = "Payload too large"

    def __init__(self, detail: str | None = None, *, limit_bytes: int | None = None) -> None:
        super().__init__(detail)
        self.limit_bytes = limit_bytes

    def extra(self) -> dict[str, Any]:
        return {} if self.limit_bytes is None else {"limit_bytes": self.limit_bytes}


class Retryable:
    """An error that says when to try again."""

    retry_after_ms: int

    @property
    def retry_after(self) -> float:
        """Seconds after which to try again.

        >>> RateLimited(250).retry_after
        0.25
        """
        return self.retry_after_ms / 1000


class RateLimited(Retryable, StashError):
    """Too many requests; wait for the number of seconds in Retry-After.

    >>> RateLimited(1500).retry_after
    1.5
    """

    status = 429
    code = "rate_limited"
    title = "Rate limited"

    def __init__(self, retry_after_ms: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after_ms = retry_after_ms


class QuotaExceeded(StashError):
    """You have reached your limit of live memories or bytes; forget some, or let them expire.

    >>> QuotaExceeded().code
    'quota_exceeded'
    """

    status = 429
    code = "quota_exceeded"
    title = "Quota exceeded"


class StoreUnavailable(Retryable, StashError):
    """The store cannot be reached; try again soon.

    `applied`: whether the write was applied: True, False or "unknown".

    >>> StoreUnavailable(applied="unknown").applied
    'unknown'
    """

    status = 503
    code = "store_unavailable"
    title = "Store unavailable"

    def __init__(
        self, detail: str | None = None, *, applied: Applied = False, retry_after_ms: int = 1000
    ) -> None:
        super().__init__(detail)
        self.applied: Applied = applied
        self.retry_after_ms = retry_after_ms

    def extra(self) -> dict[str, Any]:
        return {"applied": self.applied}


class StoreFull(StashError):
    """The store has no room for this write; nothing was stored.

    >>> StoreFull().status
    507
    """

    status = 507
    code = "store_full"
    title = "Store full"
