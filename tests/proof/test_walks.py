"""Each backend beside its model, on walks that nobody took before: other ones in each run, and longer."""

from pathlib import Path

import pytest

from tests.contract.conftest import databases_are_open
from tests.contract.engines import ENGINES, Engine
from tests.contract.machine.walks import run

# Hypothesis remembers each choice of a round, so as not to repeat itself: 600 MB for 400 walks of 120 steps.
ROUNDS = 6

__all__ = ["databases_are_open"]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_no_walk_tells_a_backend_from_its_model(engine: type[Engine], tmp_path: Path) -> None:
    for number in range(ROUNDS):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        run(engine, folder, walks=40, steps=100, repeatable=False)
