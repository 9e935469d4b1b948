"""Data to JSON text and back. Kept is only what comes back equal."""

import json
from typing import Any

import msgspec

from stash_memory.client.culprit import TOO_DEEP, complaint
from stash_memory.errors import StashError

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
# For what msgspec has no rule for and JSON has: str, int and float subclasses.
_plain = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode


def encode(data: Any) -> bytes:
    """`data` as JSON text. Raises TypeError for what JSON cannot hold; it names the path to the culprit.

    The proof is the round trip itself, in C: msgspec would write a datetime, a set, a NaN or an int as a key in some
    way, and they would come back as something else. 300 B take 3.5 us, of which encoding is 1.2.
    """
    try:
        text = _encode(data)
        if _decode(text) == data:
            return text
    except (TypeError, ValueError, RecursionError, OverflowError):
        pass
    if said := complaint(data):
        raise TypeError(said)
    try:
        return _plain(data).encode()
    except RecursionError:
        raise TypeError(TOO_DEEP) from None


def decode(text: bytes) -> Any:
    """The data in JSON `text`. Raises StashError for an integer longer than Python reads (4,300 digits).

    A number beyond a float's range, which only others than Python can have kept, comes back as infinity.
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
