"""The examples in docstrings, run as they stand; `await` in them works as in `python -m asyncio`."""

import asyncio
import doctest
import re
from types import ModuleType
from typing import Any

AWAIT = re.compile(r"await (.+)", re.DOTALL)


class Parser(doctest.DocTestParser):
    """Hands what is awaited to a loop, `_run`; definitions of coroutines stay as they are."""

    def get_examples(self, string: str, name: str = "<string>") -> list[doctest.Example]:
        examples = super().get_examples(string, name)
        for example in examples:
            if not example.source.startswith("async def"):
                example.source = AWAIT.sub(lambda found: f"_run({found[1].rstrip()})\n", example.source)
        return examples


def failures(module: ModuleType, **names: Any) -> tuple[int, str]:
    """How many examples of the module there are, and what its failed ones say."""
    said: list[str] = []
    count = 0
    finder = doctest.DocTestFinder(parser=Parser(), exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(module):
        with asyncio.Runner() as loop:
            test.globs.update({name: value() for name, value in names.items()}, _run=loop.run)
            count += len(test.examples)
            runner.run(test, out=said.append)
    return count, "".join(said)


def undocumented(module: ModuleType) -> list[str]:
    """The public names of the module whose docstrings have no example."""
    finder = doctest.DocTestFinder(exclude_empty=False)
    bare = []
    for test in finder.find(module):
        parts = test.name.removeprefix(f"{module.__name__}.").split(".")
        if test.name != module.__name__ and not any(part.startswith("_") for part in parts):
            bare += [] if test.examples else [test.name]
    return bare
