"""Seconds, as callers give them."""

from datetime import timedelta
from typing import TypeAlias

from stash_memory.errors import InvalidRequest

Duration: TypeAlias = int | timedelta


def seconds(duration: object, name: str) -> int:
    """`duration`, an int or a timedelta, in whole seconds; how many are allowed is the store's to say.

    Raises TypeError for anything else, and InvalidRequest for a fraction of a second.
    """
    if type(duration) is int:
        return duration
    if isinstance(duration, timedelta):
        whole = duration // timedelta(seconds=1)
        if timedelta(seconds=whole) != duration:
            raise InvalidRequest(f"{name} must be whole seconds; {duration!r} is not.", field=name)
        return whole
    raise TypeError(f"{name} must be whole seconds (an int) or a timedelta, not {type(duration).__name__}.")
