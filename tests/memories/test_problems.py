"""Errors as answers."""

import json
import logging

import pytest
from django.test import RequestFactory

from memories.problems import problem, without_paths
from memories.trace import Trace
from stash_memory.errors import MemoryExpired, RateLimited, StashError, StoreFull, StoreUnavailable


@pytest.fixture
def operation() -> Trace:
    return Trace(RequestFactory().get("/recall/x"))


@pytest.mark.parametrize("kind", [StoreUnavailable, StoreFull])
def test_a_backends_sentence_is_for_the_log_alone(
    operation: Trace, caplog: pytest.LogCaptureFixture, kind: type[StashError]
) -> None:
    caplog.set_level(logging.ERROR, "stash.operations")

    public = without_paths(kind("/srv/stash/memories.db is a folder"), operation)

    assert type(public) is kind
    assert "/srv" not in json.dumps([public.detail, public.extra()])
    assert caplog.records[0].fields["message"] == "/srv/stash/memories.db is a folder"


@pytest.mark.parametrize("applied", [True, False, "unknown"])
def test_a_503_says_whether_the_write_was_applied(operation: Trace, applied: bool) -> None:
    answer = problem(
        without_paths(StoreUnavailable("x", applied=applied, retry_after_ms=2500), operation), operation
    )

    assert answer.status_code == 503
    assert json.loads(answer.content)["applied"] == applied
    assert answer["Retry-After"] == "3"
    assert operation.event == "store_unavailable"


def test_retry_after_is_rounded_up_and_never_0(operation: Trace) -> None:
    assert problem(RateLimited(1), operation)["Retry-After"] == "1"
    assert problem(RateLimited(1001), operation)["Retry-After"] == "2"


def test_an_expired_memory_says_when(operation: Trace) -> None:
    answer = problem(MemoryExpired(1_768_476_600_999), operation)

    assert json.loads(answer.content)["expired_at"] == "2026-01-15T11:30:00Z"
