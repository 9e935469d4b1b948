"""One suite for every way to a Stash: a test that takes `stash` runs on each of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.library.client.ways import WAYS, Way

SETTINGS = ("STASH_HOME", "STASH_API_KEY", "STASH_URL", "STASH_BACKEND", "REDIS_URL", "STASH_MAX_TTL")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine's, and a home of the test's own."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STASH_HOME", str(tmp_path / "home"))


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    """Each way, on an empty store."""
    server = request.getfixturevalue("server") if request.param.hosted else None
    way = request.param(tmp_path, server)
    yield way
    way.close()


@pytest.fixture
def stash(way: Way) -> Any:
    """A Stash on it."""
    return way.open()


@pytest.fixture
def another(way: Way, stash: Any) -> Any:
    """A second one on the same store."""
    return way.open()
