"""Every public name says what it does by an example, and the example is true."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

import stash_memory
from stash_memory import AsyncStash, Stash, config, errors
from stash_memory.client import (
    async_stash,
    base,
    batch,
    choice,
    data,
    memory,
    stash,
)
from tests.library.client.examples import failures, without_example

SYNC = [stash_memory, stash, base, batch, memory, choice, data, errors, config]
ASYNC = [async_stash]


def given(made: Callable[..., object]) -> dict[str, Callable[[], object]]:
    """What the examples have: a `stash` and an `async_stash` of their own, on memory, and a few names."""
    names = {"Stash": Stash, "AsyncStash": AsyncStash, "asyncio": asyncio, "UTC": UTC}
    names |= {"datetime": datetime, "timedelta": timedelta}
    return {name: lambda value=value: value for name, value in names.items()} | {
        "stash": lambda: made(backend="memory"),
        "async_stash": lambda: AsyncStash(backend="memory"),
    }


def by_name(module: ModuleType) -> str:
    return module.__name__


@pytest.mark.parametrize("module", SYNC, ids=by_name)
def test_the_examples_are_true(module: ModuleType) -> None:
    count, said = failures(module, **given(Stash))
    assert count
    assert not said


@pytest.mark.parametrize("module", ASYNC, ids=by_name)
def test_the_examples_of_async_code_are_true(module: ModuleType) -> None:
    count, said = failures(module, **given(AsyncStash))
    assert count
    assert not said


@pytest.mark.parametrize("name", [name for name in stash_memory.__all__ if name[0].isupper()])
def test_every_public_name_has_an_example(name: str) -> None:
    kind = getattr(stash_memory, name)
    assert name == "UNSET" or without_example(kind) == []


def test_a_name_without_an_example_is_found() -> None:
    class Bare(Stash):
        """Nothing to see."""

        def get(self, key: str, default: object = None) -> object:
            """Nor here."""

    Bare.get.__module__ = Stash.__module__
    assert without_example(Bare) == ["Bare", "Bare.get"]


def test_an_example_that_is_false_is_found() -> None:
    broken = ModuleType("broken", "A module.\n\n>>> 1 + 1\n3\n>>> await stash.get('a')\n4\n")
    count, said = failures(broken, **given(AsyncStash))
    assert count == 2
    assert said.count("Expected") == 2
