"""Procedures: generators that yield what is to be done and get the answers, driven by sync and by async code.

So what takes several steps is written once, without I/O, and without a colour.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

Done = TypeVar("Done")
Procedure: TypeAlias = Generator[Any, Any, Done]


class Wait(NamedTuple):
    """A step: let so many seconds pass."""

    seconds: float


class Apply(NamedTuple):
    """A step: call the caller's function with the argument. Async code awaits what comes of it, if it can be."""

    function: Callable[[Any], Any]
    argument: Any


def run(procedure: Procedure[Done], act: Callable[[Any], Any]) -> Done:
    """Drives the procedure: `act` does each step, and what it raises is raised in the procedure."""
    try:
        step = next(procedure)
        while True:
            try:
                answer = act(step)
            except Exception as error:
                step = procedure.throw(error)
            else:
                step = procedure.send(answer)
    except StopIteration as end:
        done: Done = end.value
        return done


async def run_async(procedure: Procedure[Done], act: Callable[[Any], Awaitable[Any]]) -> Done:
    """The same, with an `act` that is awaited."""
    try:
        step = next(procedure)
        while True:
            try:
                answer = await act(step)
            except Exception as error:
                step = procedure.throw(error)
            else:
                step = procedure.send(answer)
    except StopIteration as end:
        done: Done = end.value
        return done
