"""JSON bodies of requests. `data` is checked as JSON and never turned into objects."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType, defstruct

from stash_memory.errors import InvalidRequest
from stash_memory.operations import VERBS
from stash_memory.operations.members import quoted
from stash_memory.operations.verb import INTEGER, JSON, PATH, STRING, Member
from stash_memory.payload import has_lone_surrogate
from stash_memory.records import Buffer

Fields = TypeVar("Fields", bound=Struct)
Value = TypeVar("Value")

TYPES: dict[str, Any] = {JSON: Raw, INTEGER: int, STRING: str}

# msgspec ends a sentence with the place: "Expected `int`, got `str` - at `$.ttl`".
PLACE = re.compile(r" - at `\$\.(\w+)`")
# An error repeats no more of an unknown field's name.
FIELD_CHARACTERS = 64

# The sentence for a member of another type; an id that is only in paths needs none.
WANTED = {member.name: member.wanted for kind in VERBS for member in kind.verb.members} | {
    "operations": "operations must be a list of operations.",
    "verb": "verb must be stash, put, recall, update or forget.",
    "name": "name must be a string.",
    "read_only": "read_only must be true or false.",
    "expires_in": "expires_in must be a whole number of seconds, at least 1.",
}


def struct(name: str, members: Iterable[Member], **options: Any) -> type[Struct]:
    """A type that reads these members from JSON, and describes them for the OpenAPI document."""
    fields: list[Any] = []
    for member in members:
        meta = Meta(description=member.description, extra_json_schema=dict(member.rules) or None)
        kind: Any = Annotated[(TYPES[member.kind], meta)]
        fields.append((member.name, kind) if member.place == PATH else (member.name, kind | UnsetType, UNSET))
    return defstruct(name, fields, forbid_unknown_fields=True, kw_only=True, **options)


def attributes(members: Iterable[Member], fields: Struct) -> dict[str, Any]:
    """The attributes of an operation that the fields set. Raises InvalidRequest for a missing or a bad one."""
    found = {}
    for member in members:
        value = getattr(fields, member.name)
        if value is UNSET:
            if member.missing:
                raise InvalidRequest(member.missing, field=member.name)
            continue
        found[member.attribute] = member.read(quoted(value) if member.header else value, member.name)
    return found


def given(value: Value | UnsetType) -> Value | None:
    """The value of a field, or None if it was left out; null is neither, and no field takes it."""
    return None if isinstance(value, UnsetType) else value


def decoded(body: Buffer, read: Callable[[Buffer], Fields], *, holds_data: bool = False) -> Fields:
    """The fields in `body`, as `read` reads them. A field given twice: the last wins. Raises InvalidRequest."""
    if len(body) == 0:
        raise InvalidRequest("The body is empty; send a JSON object.")
    try:
        return read(body)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error)) from None
    except msgspec.DecodeError as error:
        if has_lone_surrogate(body):
            field = "data" if holds_data else None
            raise InvalidRequest(
                rf"{field or 'The body'} escapes half of a surrogate pair (such as \ud800), which is no character.",
                field=field,
            ) from None
        raise InvalidRequest(f"The body is not valid JSON: {_reason(error)}.") from None
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not valid UTF-8.") from None
    except RecursionError:
        raise InvalidRequest(
            "data is nested too deeply; about 900 levels are the most.", field="data"
        ) from None


def _wrong_field(sentence: str) -> InvalidRequest:
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


def _reason(error: msgspec.DecodeError) -> str:
    """The parser's finding, without its own preamble."""
    return (
        str(error).removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too soon")
    )
