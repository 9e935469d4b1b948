"""Each backend beside its model, on walks that nobody took before: other ones in each run, and longer."""

from pathlib import Path

import pytest

from tests.contract.conftest import databases_are_open
from tests.contract.engines import ENGINES, Engine
from tests.contract.machine.walks import run

__all__ = ["databases_are_open"]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_no_walk_tells_a_backend_from_its_model(engine: type[Engine], tmp_path: Path) -> None:
    run(engine, tmp_path, walks=400, steps=120, repeatable=False)
