"""Closing."""

from stash_memory.backends.base import Backend
from tests.contract.cast import ALICE, LONG, content
from tests.contract.engines import Engine


def test_closing_one_leaves_the_others_open(shared_engine: Engine) -> None:
    other = shared_engine.another()
    assert other is not None
    other.put(ALICE, "plan", [b"1"], LONG)
    other.close()
    assert content(shared_engine.backend.get(ALICE, "plan")) == b"1"


def test_what_was_kept_outlives_its_backend(shared_engine: Engine) -> None:
    first = shared_engine.another()
    assert first is not None
    first.put(ALICE, "plan", [b"1"], LONG)
    first.close()
    again = shared_engine.another()
    assert again is not None
    assert content(again.get(ALICE, "plan")) == b"1"


def test_every_engine_has_every_method(engine: Engine) -> None:
    for name in vars(Backend):
        if not name.startswith("_"):
            assert callable(getattr(engine.backend, name)), name
