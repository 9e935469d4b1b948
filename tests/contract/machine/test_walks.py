"""Each backend beside its model, on random walks: the same ones in each run (`make proof` takes others)."""

from pathlib import Path

import pytest

from tests.contract.conftest import params
from tests.contract.engines import ENGINES, Engine
from tests.contract.machine.walks import run


@pytest.mark.parametrize("engine", params(ENGINES))
def test_no_walk_tells_a_backend_from_its_model(engine: type[Engine], tmp_path: Path) -> None:
    run(engine, tmp_path, walks=80 if engine.exact else 40, steps=50, repeatable=True)
