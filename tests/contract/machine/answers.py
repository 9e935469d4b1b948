"""Whether a backend's answers are the model's."""

from collections.abc import Collection
from typing import Any

from stash_memory.backends.base import Entry, Page, Record
from stash_memory.bucket import Bucket
from stash_memory.errors import MemoryExpired, MemoryNotFound, RateLimited, StashError
from tests.contract.cast import content
from tests.contract.machine.model import Answer, Kept, Model, Now, PerhapsForgotten


def assert_kept(shown: Record | Entry, kept: Kept, now: Now) -> None:
    """It is this record. What the model cannot know, its version and on a real clock its instant, is learnt here."""
    assert shown.size == len(kept.body)
    kept.version.text = kept.version.text or shown.version
    assert shown.version == kept.version.text
    assert kept.earliest_ms <= shown.expires_at_ms <= kept.latest_ms
    kept.earliest_ms = kept.latest_ms = shown.expires_at_ms
    left_ms = shown.expires_at_ms - now.latest_ms, shown.expires_at_ms - now.earliest_ms
    assert max(1, left_ms[0]) <= shown.remaining_ms <= left_ms[1]


def assert_same(actual: Any, expected: Any, now: Now, near_ms: int = 0) -> None:
    """The same result, or the same error that says the same."""
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other, now, near_ms)
    elif isinstance(expected, Answer):
        assert isinstance(actual, Record), repr(actual)
        assert content(actual) == expected.body
        assert actual.created is expected.created
        assert_kept(actual, expected.kept, now)
    elif isinstance(expected, PerhapsForgotten) and type(actual) is MemoryNotFound:
        pass
    elif isinstance(expected, MemoryExpired):
        assert type(actual) is MemoryExpired, repr(actual)
        assert actual.expired_at_ms == expected.expired_at_ms
    elif isinstance(expected, StashError):
        assert type(actual) is type(expected), repr(actual)
        if isinstance(expected, RateLimited):
            assert abs(actual.retry_after_ms - expected.retry_after_ms) <= near_ms
    else:
        assert type(actual) is type(expected), repr(actual)
        assert actual == expected


def assert_bucket(actual: Bucket | None, expected: Bucket, near_ms: int) -> None:
    assert actual is not None
    assert actual[:2] == expected[:2]
    assert abs(actual.full_after_ms - expected.full_after_ms) <= near_ms
    assert abs(actual.retry_after_ms - expected.retry_after_ms) <= near_ms
    assert bool(actual.retry_after_ms) is bool(expected.retry_after_ms)


def assert_fresh(model: Model) -> None:
    """No id has had a version twice."""
    for versions in model.versions.values():
        texts = [version.text for version in versions]
        assert all(texts)
        assert len(set(texts)) == len(texts)


class Walk:
    """A listing under way: page after page, maybe with others' writes in between."""

    def __init__(self, model: Model, user: str, prefix: str) -> None:
        self.model, self.user, self.prefix = model, user, prefix
        self.began = {name: kept.life for name, kept in model.live(user, prefix).items()}
        self.shown: list[str] = []
        self.cursor: str | None = None
        self.pages = 0

    def turn(self, page: Page, limit: int) -> bool:
        """Judges one page. Whether it was the last."""
        live = self.model.live(self.user, self.prefix)
        assert len(page.entries) <= limit
        for entry in page.entries:
            assert entry.id in live, f"{entry.id!r} is not there"
            assert_kept(entry, live[entry.id], self.model.now)
        self.shown += [entry.id for entry in page.entries]
        assert is_ascending(self.shown)
        self.cursor, self.pages = page.cursor, self.pages + 1
        assert self.pages <= 1_500, "a listing ends"
        if page.cursor is None:
            throughout = {name for name, kept in live.items() if self.began.get(name) == kept.life}
            assert throughout <= set(self.shown), f"{throughout - set(self.shown)} were never shown"
        return page.cursor is None


def is_ascending(ids: Collection[str]) -> bool:
    """Whether they are in the order of their UTF-8, none of them twice."""
    return list(ids) == sorted(set(ids), key=str.encode)
