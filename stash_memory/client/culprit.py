"""Why data is not JSON: the path to the first value in it that JSON cannot hold."""

import json
import math
from collections.abc import Iterator
from typing import Any

HALF = "half of a surrogate pair in it, which is no character"
TOO_DEEP = "data is nested too deeply; about 900 levels are the most."
# Far beyond what any encoder takes: whoever looks at data this deep need not look further.
DEPTH = 10_000


def complaint(data: Any) -> str | None:
    """A sentence about the first culprit in `data`, or None where there is none.

    >>> complaint({"steps": [{"when": 1j}]})
    'data.steps[0].when is a complex, which JSON cannot hold.'
    """
    # By hand and not by recursion, which would give up before the encoders do.
    path: list[str | int] = []
    above: dict[int, None] = {}
    pending: list[Iterator[tuple[Any, Any]]] = [iter([("data", data)])]
    while pending:
        item = next(pending[-1], None)
        if item is None:
            pending.pop()
            if path:
                path.pop()
                above.popitem()
            continue
        step, value = item
        said = _flaw(value)
        if said is None and id(value) in above:
            said = "contains itself, which JSON cannot hold"
        if said is not None:
            return f"{_written([*path, step])} {said}."
        if isinstance(value, dict | list):
            path.append(step)
            above[id(value)] = None
            if len(path) > DEPTH:
                return TOO_DEEP
            pending.append(iter(value.items()) if isinstance(value, dict) else iter(enumerate(value)))
    return None


def _flaw(value: Any) -> str | None:
    """What is wrong with the value itself, whatever is inside it."""
    if value is None or isinstance(value, bool | int | list):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else f"is {value!r}, which JSON cannot hold"
    if isinstance(value, str):
        return None if _is_text(value) else f"has {HALF}"
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return f"has the key {key!r}, {_a(key)}; the keys of a JSON object are strings"
            if not _is_text(key):
                return f"has a key with {HALF}"
        return None
    # A tuple would come back as a list: what is kept comes back equal, or is not kept.
    instead = "; use a list" if isinstance(value, tuple | set | frozenset) else ""
    return f"is {_a(value)}, which JSON cannot hold{instead}"


def _written(path: list[str | int]) -> str:
    """As Python would have it, with a dot where that reads: data.steps[3].when"""
    text = str(path[0])
    for step in path[1:]:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if step.isidentifier() else f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def _a(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
