"""What a request did: one log line, and the headers that tell of it."""

import logging
import re
import secrets
import time

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from memories.in_flight import in_flight
from stash_memory.bucket import Spend
from stash_memory.memory import Memory

log = logging.getLogger("stash.operations")

# What a caller may send as X-Request-ID: enough for any tracing header, and nothing that could forge a log line.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")

WARNINGS = {"auth_failed", "scope_denied", "rate_limited", "quota_exceeded"}


class Operation:
    """Filled in while the request goes through the layers; `event` stays None where none of them was Stash's."""

    __slots__ = (
        "event",
        "held",
        "memory_id",
        "payload_bytes",
        "request_id",
        "spend",
        "started",
        "ttl_seconds",
    )

    def __init__(self, request: HttpRequest) -> None:
        self.started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        self.event: str | None = None
        self.held = 0
        self.memory_id: str | None = None
        self.ttl_seconds: int | None = None
        self.payload_bytes: int | None = None
        self.spend: Spend | None = None

    def hold(self, size: int) -> None:
        """Counts `size` bytes of a body as in flight until the request is answered. Raises StoreUnavailable."""
        in_flight.take(size)
        self.held += size

    def succeeded(self, event: str, memory: Memory | None = None, payload_bytes: int | None = None) -> None:
        """`event` happened to `memory`, with a payload of so many bytes in or out."""
        self.event = event
        self.payload_bytes = payload_bytes
        if memory is not None:
            self.memory_id = memory.memory_id
            self.ttl_seconds = memory.ttl_remaining

    def finish(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Writes the headers that tell of it, and the log line."""
        response["X-Request-ID"] = self.request_id
        add_rate_limit(response, self.spend)
        if self.event is not None:
            self.write(request, response.status_code)

    def write(self, request: HttpRequest, status: int) -> None:
        """One line of the log. Never a key, never data."""
        account = getattr(request, "auth", None)
        route = request.resolver_match
        fields = {
            "user_id": account and account.user_id,
            "memory_id": self.memory_id or (route and route.kwargs.get("memory_id")),
            "ttl_seconds": self.ttl_seconds,
            "payload_bytes": self.payload_bytes,
            "status": status,
            "duration_ms": round((time.perf_counter() - self.started) * 1000, 2),
            "request_id": self.request_id,
        }
        level = logging.WARNING if self.event in WARNINGS else logging.INFO
        known = {name: value for name, value in fields.items() if value is not None}
        log.log(logging.ERROR if status >= 500 else level, self.event, extra={"fields": known})


def add_rate_limit(response: HttpResponseBase, spend: Spend | None) -> None:
    """The fields of the IETF draft "RateLimit header fields for HTTP": the policy, and what is left of it.

    `q` is the burst and `w` the seconds in which an empty bucket fills; `r` is whole tokens left and `t`
    the seconds until the bucket is full. A user without a rate limit has neither field.
    """
    if spend is None or spend.bucket is None:
        return
    window = -(-spend.burst * spend.interval_us // 1_000_000)
    left, full_after = spend.bucket.remaining, -(-spend.bucket.full_after_ms // 1000)
    response["RateLimit-Policy"] = f'"requests";q={spend.burst};w={window}'
    response["RateLimit"] = f'"requests";r={left};t={full_after}'
