"""Every public name says what it does by an example, and the example is true."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import stash_memory
from stash_memory.client import choice, culprit, memory, singles, stash
from tests.library.client.examples import failures

SYNC = [stash_memory, stash, singles, memory, choice, culprit]


def given() -> dict[str, object]:
    return {
        "stash": lambda: stash_memory.Stash(backend="memory"),
        "Stash": lambda: stash_memory.Stash,
        "datetime": lambda: datetime,
        "timedelta": lambda: timedelta,
        "UTC": lambda: UTC,
    }


@pytest.mark.parametrize("module", SYNC, ids=lambda module: module.__name__)
def test_the_examples_are_true(module: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STASH_HOME", str(tmp_path))
    count, said = failures(module, **given())  # type: ignore[arg-type]
    assert count
    assert not said
