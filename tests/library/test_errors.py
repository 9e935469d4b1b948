"""The error tree is the one that the module draws."""

import inspect

from stash_memory import errors
from stash_memory.errors import StashError

TREE = inspect.getdoc(errors) or ""
CLASSES = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, StashError)]


def test_every_error_is_drawn_with_its_status_and_code() -> None:
    for kind in CLASSES:
        if kind.status != 500:
            line = next(line for line in TREE.splitlines() if f" {kind.__name__} " in line)
            assert line.split()[-2:] == [str(kind.status), kind.code]


def test_codes_are_stable_and_each_has_one_class() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(codes) == len(set(codes))


def test_every_error_has_a_sentence_to_say() -> None:
    for kind in CLASSES:
        first = (kind.__doc__ or "").splitlines()[0]
        assert first.endswith(".")
        assert kind.__init__ is not StashError.__init__ or kind().detail == first
