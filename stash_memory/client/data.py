"""Encodes data as JSON text and back. Only data that comes back equal passes; for other data, names the culprit."""

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec

from stash_memory.errors import StashError

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
# Encodes the data that JSON knows and msgspec does not: subclasses of str, int and float.
_encode_plain = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode

HALF = "half of a surrogate pair in it, which is no character"
TOO_DEEP = "data is nested too deeply; about 900 levels are the most."
# Far deeper than any encoder goes: the search for the culprit may stop here.
DEPTH = 10_000


def encode(data: Any) -> bytes:
    """Encodes `data` as JSON text. Raises TypeError for data that JSON cannot hold, with the path to the culprit.

    The round trip, in C, is the proof: msgspec would write a datetime, a set, a NaN or an int as a key in some way, and
    they would come back as something else. 300 B take 3.5 us; encoding alone takes 1.2.
    """
    try:
        text = _encode(data)
        if _decode(text) == data:
            return text
    except (TypeError, ValueError, RecursionError, OverflowError):
        pass
    if sentence := explain(data):
        raise TypeError(sentence)
    try:
        return _encode_plain(data).encode()
    except RecursionError:
        raise TypeError(TOO_DEEP) from None


def decode(text: bytes) -> Any:
    """Decodes JSON `text`. Raises StashError for an integer longer than Python reads (4,300 digits).

    A number beyond a float's range comes back as infinity; only programs in other languages can have kept one.
    """
    try:
        return _decode(text)
    except msgspec.DecodeError:
        try:
            return json.loads(text)
        except ValueError:
            raise StashError(
                "The data cannot be read as JSON by Python; recall its text over HTTP."
            ) from None


def explain(data: Any) -> str | None:
    """Writes a sentence about the first value in `data` that JSON cannot hold; None if there is none.

    >>> explain({"steps": [{"when": 1j}]})
    'data.steps[0].when is a complex, which JSON cannot hold.'
    """
    # A stack of its own instead of recursion, which would give up sooner than the encoders.
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
        flaw = _find_flaw(value)
        if flaw is None and id(value) in above:
            flaw = "contains itself, which JSON cannot hold"
        if flaw is not None:
            return f"{_write_path([*path, step])} {flaw}."
        if isinstance(value, dict | list):
            path.append(step)
            above[id(value)] = None
            if len(path) > DEPTH:
                return TOO_DEEP
            pending.append(iter(value.items()) if isinstance(value, dict) else iter(enumerate(value)))
    return None


def _find_flaw(value: Any) -> str | None:
    """Describes the flaw of the value itself, not of the values inside it."""
    if value is None or isinstance(value, bool | int | list):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else f"is {value!r}, which JSON cannot hold"
    if isinstance(value, str):
        return None if _is_text(value) else f"has {HALF}"
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                return f"has the key {key!r}, {_name_type(key)}; the keys of a JSON object are strings"
            if not _is_text(key):
                return f"has a key with {HALF}"
        return None
    # A tuple would come back as a list, which is not equal to it.
    instead = "; use a list" if isinstance(value, tuple | set | frozenset) else ""
    return f"is {_name_type(value)}, which JSON cannot hold{instead}"


def _write_path(path: list[str | int]) -> str:
    """Writes the path as Python would, with a dot before a name: data.steps[3].when"""
    text = str(path[0])
    for step in path[1:]:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if step.isidentifier() else f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def _name_type(value: object) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
