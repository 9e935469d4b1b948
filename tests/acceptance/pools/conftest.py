"""One hosted service for all tests that leave it as it was, and services of a test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.pools.hosted import Hosted


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """Shared: its users are each test's own."""
    hosted = Hosted(tmp_path_factory.mktemp("hosted"))
    yield hosted.start()
    hosted.stop()


@pytest.fixture
def own_hosted(tmp_path: Path) -> Iterator[Callable[..., Hosted]]:
    """Makes a service for one test alone."""
    made: list[Hosted] = []

    def make(**urls: str) -> Hosted:
        made.append(Hosted(tmp_path, **urls))
        return made[-1].start()

    yield make
    for hosted in made:
        hosted.stop()
