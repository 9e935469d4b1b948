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
    step = next_step(procedure, None, None)
    while not isinstance(step, End):
        answer, failed = None, None
        try:
            answer = act(step)
        except Exception as error:
            failed = error
        # Outside the except, so that what the procedure raises has no other error behind it.
        step = next_step(procedure, answer, failed)
    return step.value  # type: ignore[no-any-return]


async def run_async(procedure: Procedure[Done], act: Callable[[Any], Awaitable[Any]]) -> Done:
    """The same, with an `act` that is awaited."""
    step = next_step(procedure, None, None)
    while not isinstance(step, End):
        answer, failed = None, None
        try:
            answer = await act(step)
        except Exception as error:
            failed = error
        step = next_step(procedure, answer, failed)
    return step.value  # type: ignore[no-any-return]


class End(NamedTuple):
    """After the last step: what the procedure returns."""

    value: Any


def next_step(procedure: Procedure[Any], answer: Any, failed: Exception | None) -> Any:
    """The step that the procedure yields to the answer, or to what failed, or its End."""
    try:
        return procedure.send(answer) if failed is None else procedure.throw(failed)
    except StopIteration as end:
        return End(end.value)
