"""Errors as answers: application/problem+json (RFC 9457), all from here."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request

from memories.body import declared_length
from memories.responses import json_response
from memories.trace import Trace
from stash_memory.errors import InvalidRequest, RateLimited, StashError, StoreFull, StoreUnavailable
from storage.store import store_for

log = logging.getLogger("stash.operations")

TYPE = "urn:stash:error:"

# The log's names for what went wrong; all else is `request_rejected`.
EVENTS = {
    "invalid_api_key": "auth_failed",
    "scope_denied": "scope_denied",
    "memory_not_found": "stash_missed",
    "memory_expired": "stash_missed",
    "key_not_found": "key_missed",
    "precondition_failed": "precondition_failed",
    "payload_too_large": "payload_rejected",
    "invalid_request": "payload_rejected",
    "content_length_mismatch": "payload_rejected",
    "request_timeout": "payload_rejected",
    "rate_limited": "rate_limited",
    "quota_exceeded": "quota_exceeded",
    "store_full": "store_full",
    "store_unavailable": "store_unavailable",
    "internal_error": "internal_error",
}
BODY_ERRORS = (400, 408, 413)


class PathNotFound(StashError):
    """There is nothing at this path; the verbs are at /stash, /recall/ID, /update/ID and /forget/ID."""

    status = 404
    code = "path_not_found"
    title = "Path not found"


class MethodNotAllowed(StashError):
    """This path does not take that method."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


def answer(exception: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The one handler of every API view's errors (DRF's EXCEPTION_HANDLER)."""
    request: Request = context["request"]
    error = as_stash_error(exception)
    if error is None:
        return None
    error = charged(request, without_paths(error, request.trace))
    response = problem(error, request.trace)
    if error.status == 405:
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if error.status in BODY_ERRORS and declared_length(request) != 0:
        # What is left of a rejected body must not be taken for the next request.
        response["Connection"] = "close"
    return response


def as_stash_error(exception: Exception) -> StashError | None:
    """`exception` in the one error tree, or None for a fault of our own."""
    if isinstance(exception, StashError):
        return exception
    if isinstance(exception, exceptions.MethodNotAllowed):
        return MethodNotAllowed()
    return None


def without_paths(error: StashError, operation: Trace) -> StashError:
    """`error` for the eyes of a client: a backend's sentence names files and hosts, and belongs in the log."""
    if type(error) is StoreFull:
        public: StashError = StoreFull()
    elif type(error) is StoreUnavailable:
        public = StoreUnavailable(applied=error.applied, retry_after_ms=error.retry_after_ms)
    else:
        return error
    log.error("store_failed", extra={"fields": {"request_id": operation.request_id, "message": error.detail}})
    return public


def charged(request: Request, error: StashError) -> StashError:
    """`error`, or RateLimited in its place: a request refused before its storage step costs a token too.

    But for a store that cannot be reached: its buckets cannot either, and asking would double the wait.
    """
    spend = request.trace.spend
    if spend is None or spend.bucket is not None or isinstance(error, StoreUnavailable):
        return error
    try:
        store_for(request).spend(request.auth.user_id, spend)
    except StashError as refused:
        return refused if isinstance(refused, RateLimited) else error
    return error


def document_of(error: StashError) -> dict[str, Any]:
    """`error` as RFC 9457 has it."""
    return {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        **error.extra(),
    }


def event_of(error: StashError) -> str:
    """The log's name for it."""
    return EVENTS.get(error.code, "request_rejected")


def retry_after(error: StashError) -> int | None:
    """Whole seconds after which it is worth another try, if that is known."""
    retry_after_ms: int | None = getattr(error, "retry_after_ms", None)
    return None if retry_after_ms is None else max(1, -(-retry_after_ms // 1000))


def problem(error: StashError, operation: Trace | None = None) -> HttpResponse:
    """`error` as an answer, and as the event that the operation's log line names."""
    response = json_response(error.status, document_of(error), content_type="application/problem+json")
    seconds = retry_after(error)
    if seconds is not None:
        response["Retry-After"] = str(seconds)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="stash"'
    if operation is not None:
        operation.event = event_of(error)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own 400s (a bad Host header, say)."""
    return problem(
        InvalidRequest("The request's headers are not ones that Stash accepts."), operation_of(request)
    )


def path_not_found(request: HttpRequest, exception: Exception | Http404) -> HttpResponse:
    """No route has this path."""
    return problem(PathNotFound(), operation_of(request))


def internal_error(request: HttpRequest) -> HttpResponse:
    """A fault of our own; the log has its traceback, and the answer has nothing of it."""
    return problem(StashError("Stash failed to answer; the fault is logged."), operation_of(request))


def operation_of(request: HttpRequest) -> Trace | None:
    """The request's operation; None where the request failed before it had one."""
    return getattr(request, "trace", None)
