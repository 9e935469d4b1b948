"""What a request did: one log line, one count, and the headers that tell of it."""

import logging
import os
import re
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.account import Account
from accounts.key_secret import holds_secret
from memories.counting import Effects, count
from memories.in_flight import LANE_SECONDS, RETRY_AFTER_MS, Lane, TooManyInFlight, in_flight
from memories.tally import tally
from stash_memory.bucket import Spend
from stash_memory.records import StoredMemory

log = logging.getLogger("stash.operations")

# What a caller may send as X-Request-ID: enough for any tracing header, and nothing that could forge a log line.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")

WARNINGS = {"auth_failed", "scope_denied", "rate_limited", "quota_exceeded"}


class Trace:
    """Filled in while the request goes through the layers; `event` stays None where none of them was Stash's."""

    __slots__ = (
        "effects",
        "event",
        "failed",
        "held",
        "key_id",
        "lane",
        "memory_id",
        "operations",
        "payload_bytes",
        "request_id",
        "spend",
        "started",
        "ttl_seconds",
    )

    def __init__(self, request: HttpRequest) -> None:
        self.started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        good = given and REQUEST_ID.fullmatch(given) and not holds_secret(given)
        self.request_id = given if good else os.urandom(8).hex()
        self.effects = Effects()
        self.event: str | None = None
        self.failed: int | None = None
        self.held = 0
        self.key_id: str | None = None
        self.operations: int | None = None
        self.lane: Lane | None = None
        self.memory_id: str | None = None
        self.ttl_seconds: int | None = None
        self.payload_bytes: int | None = None
        self.spend: Spend | None = None

    def hold(self, size: int) -> None:
        """Counts `size` bytes of a body as in flight until the request is answered. Raises StoreUnavailable."""
        in_flight.take(size)
        self.held += size

    def compute(self, lane: Lane | None) -> None:
        """Waits until the large body that has come may be computed on. Raises StoreUnavailable after 30 s.

        `lane` is None under a server that has none.
        """
        if lane is not None and not lane.enter(LANE_SECONDS):
            raise TooManyInFlight(applied=False, retry_after_ms=RETRY_AFTER_MS)
        self.lane = lane

    def release(self) -> None:
        """The body is no longer held, nor computed on."""
        in_flight.give_back(self.held)
        if self.lane is not None:
            self.lane.leave()

    def succeeded(
        self,
        event: str,
        memory: StoredMemory | None = None,
        payload_bytes: int | None = None,
        key_id: str | None = None,
    ) -> None:
        """`event` happened to `memory`, with a payload of so many bytes in or out, or to the key with this id."""
        self.event = event
        self.key_id = key_id
        self.payload_bytes = payload_bytes
        if memory is not None:
            self.memory_id = memory.memory_id
            self.ttl_seconds = memory.ttl_remaining

    def batched(self, operations: int, failed: int) -> None:
        """So many operations came in one request, and so many of them failed."""
        self.event = "batch_done"
        self.operations = operations
        self.failed = failed

    def finish(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Writes the headers that tell of it, counts it, and writes its line of the log."""
        response.headers["X-Request-ID"] = self.request_id
        for name, value in rate_limit(self.spend).items():
            response.headers[name] = value
        if request.method == "HEAD":
            without_body(response)
        if self.event is not None:
            account = getattr(request, "auth", None)
            milliseconds = (time.perf_counter() - self.started) * 1000
            status = response.status_code
            self.effects.add(self.event, request.method, status, self.payload_bytes)
            count(self.effects, status, milliseconds, account)
            if tally is not None:
                tally.count(request, self.event, status, milliseconds, self.effects)
            self.write(request, status, account, milliseconds)

    def write(self, request: HttpRequest, status: int, account: Account | None, milliseconds: float) -> None:
        """One line of the log. Never a key, never data."""
        route = request.resolver_match
        fields = {
            "user_id": account and account.user_id,
            "memory_id": self.memory_id or (route and route.kwargs.get("memory_id")),
            "key_id": self.key_id,
            "ttl_seconds": self.ttl_seconds,
            "payload_bytes": self.payload_bytes,
            "operations": self.operations,
            "failed": self.failed,
            "status": status,
            "duration_ms": round(milliseconds, 2),
            "request_id": self.request_id,
        }
        level = logging.WARNING if self.event in WARNINGS else logging.INFO
        known = {name: value for name, value in fields.items() if value is not None}
        log_operation(logging.ERROR if status >= 500 else level, str(self.event), known)


def log_operation(level: int, event: str, fields: dict[str, Any]) -> None:
    """Write an operation's line. Without a look for file and line, which would cost a recall 2.5 %."""
    if log.isEnabledFor(level):
        record = logging.LogRecord(log.name, level, __file__, 0, event, (), None)
        record.fields = fields
        log.handle(record)


def without_body(response: HttpResponseBase) -> None:
    """A HEAD request's answer: the length that the body would have, and none of it."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    elif isinstance(response, HttpResponse):
        response.content = b""


def rate_limit(spend: Spend | None) -> dict[str, str]:
    """The fields of the IETF draft "RateLimit header fields for HTTP": the policy, and what is left of it.

    `q` is the burst and `w` the seconds in which an empty bucket fills; `r` is whole tokens left and `t`
    the seconds until there is one more. A user without a rate limit has neither field.
    """
    if spend is None or spend.bucket is None:
        return {}
    interval_us = spend.interval_us
    window = -(-spend.burst * interval_us // 1_000_000)
    left = spend.bucket.remaining
    # The bucket is full when the last missing token is back; one more is there when the first of them is.
    missing_us = max(0, spend.burst - left - 1) * interval_us
    one_more = -(-(spend.bucket.full_after_ms * 1000 - missing_us) // 1_000_000)
    return {
        "RateLimit-Policy": f'"requests";q={spend.burst};w={window}',
        "RateLimit": f'"requests";r={left};t={max(0, one_more)}',
    }
