"""Each error of the walk_tree crosses the wire as itself."""

from typing import Any

import pytest

from memories.problems import document_of, retry_after
from stash_memory import errors
from stash_memory.client.problems import CLASSES, read_error, walk_tree
from stash_memory.errors import (
    InvalidRequest,
    MemoryExpired,
    PayloadTooLarge,
    RateLimited,
    StashError,
    StoreUnavailable,
)

AT_MS = 1_768_476_600_000
MADE: dict[type[StashError], StashError] = {
    InvalidRequest: InvalidRequest("ttl is wrong.", field="ttl"),
    MemoryExpired: MemoryExpired(AT_MS, "Gone."),
    PayloadTooLarge: PayloadTooLarge("Too large.", limit_bytes=7),
    RateLimited: RateLimited(2000, "Wait."),
    StoreUnavailable: StoreUnavailable("Later.", applied="unknown", retry_after_ms=3000),
}


@pytest.mark.parametrize("kind", sorted(set(walk_tree()) - {StashError}, key=lambda kind: kind.__name__))
def test_an_error_is_raised_again_as_it_was(kind: type[StashError]) -> None:
    error = MADE.get(kind) or kind("A sentence.")
    again = read_error(error.status, document_of(error), retry_after(error))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_every_class_of_the_tree_has_its_code() -> None:
    classes = {c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, StashError)}
    assert set(CLASSES.values()) == set(walk_tree()) == classes
    assert all(kind.code == code for code, kind in CLASSES.items())


def test_a_code_that_is_not_known_is_kept() -> None:
    error = read_error(418, {"code": "teapot", "title": "A teapot", "detail": "Short and stout."})
    assert type(error) is StashError
    assert (error.status, error.code, error.title, str(error)) == (
        418,
        "teapot",
        "A teapot",
        "Short and stout.",
    )
    assert StashError.code == "internal_error"


@pytest.mark.parametrize("document", [None, [], {}, {"code": 7}, "Bad Gateway"])
def test_an_answer_that_is_no_problem_document_is_not_taken_for_one(document: Any) -> None:
    error = read_error(500, document)
    assert type(error) is StashError
    assert error.status == 500
    gateway = read_error(502, document)
    assert isinstance(gateway, StoreUnavailable)
    assert gateway.applied == "unknown"


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), (None, 1), ("soon", 1), ("-5", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float) -> None:
    error = read_error(429, {"code": "rate_limited"}, header)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds
