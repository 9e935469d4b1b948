"""The fields of request bodies. `data` is validated as JSON and never turned into objects."""

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from memories.key_terms import KeyLife, KeyName, KeyPrefix, ReadOnly
from memories.terms import Data, NewTtl, Seconds
from stash_memory.backends.base import Buffer
from stash_memory.errors import InvalidRequest
from stash_memory.payload import has_lone_surrogate

Fields = TypeVar("Fields", bound=Struct)
Value = TypeVar("Value")

# msgspec ends a sentence with the place: "Expected `int`, got `str` - at `$.ttl`".
PLACE = re.compile(r" - at `\$\.(\w+)`")

# As much of an unknown field's name as its error repeats.
FIELD_CHARACTERS = 64

WANTED = {
    "ttl": "ttl must be a whole number of seconds, at least 1; leave it out for the default.",
    "extend": "extend must be a whole number of seconds, at least 1.",
    "operations": "operations must be a list of operations.",
    "verb": "verb must be stash, put, recall, update or forget.",
    "memory_id": "memory_id must be a string.",
    "if_match": "if_match must be a version: a string.",
    "if_none_match": "if_none_match must be a version, or *: a string.",
    "extra_seconds": "extra_seconds must be a whole number of seconds, at least 1.",
    "name": "name must be a string.",
    "read_only": "read_only must be true or false.",
    "prefix": "prefix must be a string.",
    "expires_in": "expires_in must be a whole number of seconds, at least 1.",
}


class DataFields(Struct, forbid_unknown_fields=True):
    """A body that may hold `data`: any JSON, null included."""

    data: Data | UnsetType = UNSET

    @property
    def text(self) -> memoryview | None:
        """The JSON text of `data`, where it stands in the body; None where it was left out."""
        return None if self.data is UNSET else memoryview(self.data)

    @property
    def needed_text(self) -> memoryview:
        """The same, where it may not be left out. Raises InvalidRequest."""
        if self.data is UNSET:
            raise InvalidRequest("data is missing; it can be any JSON value, null included.", field="data")
        return memoryview(self.data)


class StashFields(DataFields, forbid_unknown_fields=True):
    """`{"data": any JSON, "ttl"?: seconds}`"""

    ttl: NewTtl | UnsetType = UNSET


class UpdateFields(DataFields, forbid_unknown_fields=True):
    """`{"data"?: any JSON, "extra_seconds"?: seconds}`"""

    extra_seconds: Seconds | UnsetType = UNSET


class KeyFields(Struct, forbid_unknown_fields=True):
    """`{"name"?, "read_only"?, "prefix"?, "expires_in"?: seconds}`"""

    name: KeyName | UnsetType = UNSET
    read_only: ReadOnly | UnsetType = UNSET
    prefix: KeyPrefix | UnsetType = UNSET
    expires_in: KeyLife | UnsetType = UNSET


def given(value: Value | UnsetType) -> Value | None:
    """The value of a field, or None where it was left out; null is neither, and no field takes it."""
    return None if isinstance(value, UnsetType) else value


read_stash = msgspec.json.Decoder(StashFields).decode
read_update = msgspec.json.Decoder(UpdateFields).decode
read_key = msgspec.json.Decoder(KeyFields).decode


def decoded(body: Buffer, read: Callable[[Buffer], Fields]) -> Fields:
    """The fields in `body`, as `read` has them. A field given twice: the last wins. Raises InvalidRequest."""
    if len(body) == 0:
        raise InvalidRequest("The body is empty; send a JSON object.")
    try:
        return read(body)
    except msgspec.ValidationError as error:
        raise wrong_field(str(error)) from None
    except msgspec.DecodeError as error:
        if has_lone_surrogate(body):
            field = "data" if read in (read_stash, read_update) else None
            raise InvalidRequest(
                rf"{field or 'The body'} escapes half of a surrogate pair (such as \ud800), which is no character.",
                field=field,
            ) from None
        raise InvalidRequest(f"The body is not valid JSON: {reason(error)}.") from None
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not valid UTF-8.") from None
    except RecursionError:
        raise InvalidRequest(
            "data is nested too deeply; about 900 levels are the most.", field="data"
        ) from None


def wrong_field(sentence: str) -> InvalidRequest:
    """The error for JSON that is well formed and not what was asked for."""
    if place := PLACE.search(sentence):
        field = place[1]
        return InvalidRequest(WANTED.get(field, sentence), field=field)
    if "at most length" in sentence:
        return InvalidRequest("operations are too many; a batch may hold 1 to 100.", field="operations")
    if "unknown field" in sentence:
        field = sentence.split("`")[1][:FIELD_CHARACTERS]
        return InvalidRequest(f"There is no field named {field!r} here.", field=field)
    if "missing required field" in sentence:
        field = sentence.split("`")[1]
        return InvalidRequest(f"{field} is missing.", field=field)
    return InvalidRequest("The body must be a JSON object.")


def reason(error: msgspec.DecodeError) -> str:
    """What the parser found, without its own preamble."""
    return (
        str(error).removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too soon")
    )
