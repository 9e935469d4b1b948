"""Many walks on one engine."""

import itertools
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.engines import Engine
from tests.contract.machine.walk import Walk


def run(engine: type[Engine], folder: Path, *, walks: int, steps: int, repeatable: bool) -> None:
    """So many walks of at most so many steps, each on an empty store; raises at the first difference.

    With `repeatable`, the same walks each time. On a clock that is moved by hand, a walk that fails is cut down to
    its fewest steps; on a real one it would not fail twice alike.
    """
    numbers = itertools.count()

    def make() -> Engine:
        place = folder / f"walk{next(numbers)}"
        place.mkdir()
        return engine(place)

    phases = [Phase.generate, Phase.shrink] if engine.exact else [Phase.generate]
    run_state_machine_as_test(
        lambda: Walk(make),
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            derandomize=repeatable,
            database=None,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
