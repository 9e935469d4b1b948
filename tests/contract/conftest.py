"""One suite for every backend: a test that takes `engine` runs on each of them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.engines import ENGINES, Engine


def params(engines: Iterable[type[Engine]]) -> list[Any]:
    """The engines, those marked that `make engines` runs."""
    return [
        pytest.param(engine, id=engine.name, marks=[pytest.mark.engines] if engine.apart else [])
        for engine in engines
    ]


@pytest.fixture(autouse=True)
def databases_are_open(django_db_blocker: Any) -> Iterator[None]:
    """The database backend's engines have databases of their own, which pytest-django need not guard."""
    with django_db_blocker.unblock():
        yield


def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The engine that the parameter names, for as long as a fixture lasts."""
    engine = request.param(tmp_path)
    yield engine
    engine.close()


@pytest.fixture(params=params(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine, on an empty store."""
    yield from opened(request, tmp_path)


@pytest.fixture(params=params(e for e in ENGINES if e.exact))
def exact_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine whose clock is moved by hand: for instants told to the millisecond, and for long waits."""
    yield from opened(request, tmp_path)


@pytest.fixture(params=params(e for e in ENGINES if not e.split_caps))
def capped_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine that decides caps and writes in one step."""
    yield from opened(request, tmp_path)


@pytest.fixture(params=params(e for e in ENGINES if e.shared))
def shared_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine whose store other processes can open."""
    yield from opened(request, tmp_path)
