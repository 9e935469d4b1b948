"""Conditional requests (RFC 9110, section 13): the version of a memory is its ETag."""

import re
from collections.abc import Collection

from rest_framework.request import Request

from stash_memory.errors import InvalidRequest

# The characters of an entity tag (RFC 9110, section 8.8.3): a batch's JSON could hold any, and a database refuses NUL.
TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
ANY = "*"

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
FIELDS = {IF_MATCH: "HTTP_IF_MATCH", IF_NONE_MATCH: "HTTP_IF_NONE_MATCH"}


def if_match(request: Request) -> str | None:
    """The version that a write is made for; None for any. Raises InvalidRequest."""
    return version(request.META.get("HTTP_IF_MATCH", ANY), "If-Match")


def if_none_match(request: Request) -> str | None:
    """The version that the client has already; None for none. Raises InvalidRequest."""
    return version(request.META.get("HTTP_IF_NONE_MATCH", ANY), "If-None-Match")


def put_condition(request: Request) -> tuple[str | None, bool]:
    """Of a put: the version that it replaces, or None, and whether it only creates. Raises InvalidRequest."""
    return condition(request.META.get("HTTP_IF_MATCH"), request.META.get("HTTP_IF_NONE_MATCH"))


def check_taken(request: Request, taken: Collection[str]) -> None:
    """Raises InvalidRequest for a condition that is not among those `taken` here."""
    for name, field in FIELDS.items():
        if field in request.META and name not in taken:
            raise InvalidRequest(f"This request takes no {name}; leave it out.", field=field_of(name))


def field_of(name: str) -> str:
    """The header's name as problems name fields."""
    return name.lower().replace("-", "_")


def condition(match: str | None, none_match: str | None) -> tuple[str | None, bool]:
    """As `put_condition`, of what If-Match and If-None-Match said."""
    if match is not None and none_match is not None:
        raise InvalidRequest("Send If-Match or If-None-Match, not both.", field="if_match")
    if match is not None and match.strip() == ANY:
        raise InvalidRequest(
            "If-Match of a put must be one version; to replace whatever is there, leave it out.",
            field="if_match",
        )
    if none_match is not None and none_match.strip() != ANY:
        raise InvalidRequest(
            "If-None-Match of a put must be *, which creates and never replaces.", field="if_none_match"
        )
    return version(ANY if match is None else match, "If-Match"), none_match is not None


def version(value: str, name: str) -> str | None:
    """The one version in a header's value; None for `*`, which is any."""
    value = value.strip()
    if value == ANY:
        return None
    tag = TAG.fullmatch(value)
    if tag is None:
        raise InvalidRequest(f'{name} must be one version in quotes, as ETag has it: "5eac2b3eb532cb63".')
    return tag[1]
