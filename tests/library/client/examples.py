"""The examples in docstrings, run as they stand; `await` in them works as in `python -m asyncio`."""

import asyncio
import doctest
import inspect
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


def without_example(kind: type) -> list[str]:
    """The public names of the class, its own among them, whose docstrings have no example."""
    names = [kind.__name__] if ">>> " not in (kind.__doc__ or "") else []
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        ours = getattr(member, "__module__", None) or getattr(getattr(member, "fget", None), "__module__", "")
        is_method = isinstance(member, property) or inspect.isfunction(member)
        if is_method and not name.startswith("_") and ours.startswith("stash_memory"):
            names += (
                [] if ">>> " in (inspect.getdoc(getattr(kind, name)) or "") else [f"{kind.__name__}.{name}"]
            )
    return names
