"""The members that requests and answers are made of, each described once."""

import re
from typing import Any

from stash_memory.errors import InvalidRequest
from stash_memory.ids import ID_PATTERN, LONGEST_PAGE, MAX_BYTES, PAGE, PREFIX_PATTERN
from stash_memory.limits import whole_seconds
from stash_memory.operations.verb import BODY, HEADER, INTEGER, JSON, PATH, QUERY, STRING, Member, Part
from stash_memory.records import Body, joined

# The characters of an entity tag (RFC 9110, section 8.8.3): a batch's JSON could hold any, and a database refuses NUL.
TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
ANY = "*"
EXAMPLE_VERSION = '"5eac2b3eb532cb63"'
ANY_TAG = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'}
# As many digits as a query may give a number.
LARGEST = 10**18 - 1


def read_text(text: Any, name: str) -> Body:
    """JSON text as a body of one buffer."""
    return (memoryview(text),)


def read_seconds(value: Any, name: str) -> int:
    """Whole seconds, at least 1, in milliseconds. Raises InvalidRequest."""
    return whole_seconds(value, name) * 1000


def write_seconds(ms: int) -> int:
    """Milliseconds in whole seconds."""
    return ms // 1000


def read_version(value: str, name: str) -> str | None:
    """The one version in a condition; None for `*`, which is any. Raises InvalidRequest."""
    value = value.strip()
    if value == ANY:
        return None
    tag = TAG.fullmatch(value)
    if tag is None:
        raise InvalidRequest(f"{name} must be one version in quotes, as ETag has it: {EXAMPLE_VERSION}.")
    return tag[1]


def read_replaced(value: str, name: str) -> str | None:
    """The version that a put replaces. Raises InvalidRequest."""
    if value.strip() == ANY:
        raise InvalidRequest(
            "If-Match of a put must be one version; to replace whatever is there, leave it out.",
            field="if_match",
        )
    return read_version(value, name)


def read_create_only(value: str, name: str) -> bool:
    """True: a put that only creates. Raises InvalidRequest."""
    if value.strip() != ANY:
        raise InvalidRequest(
            "If-None-Match of a put must be *, which creates and never replaces.", field="if_none_match"
        )
    return True


def write_create_only(if_absent: bool) -> str | None:
    """`*`, or nothing."""
    return ANY if if_absent else None


def quoted(version: str) -> str:
    """A version as a header has it; `*` and quoted ones stay as they are."""
    return version if version == ANY or '"' in version else f'"{version}"'


MEMORY_ID = Member(
    "memory_id",
    "id",
    STRING,
    PATH,
    f"1 to {MAX_BYTES} bytes of UTF-8 without control characters; `/` parts it into segments, none of which "
    "is empty, `.` or `..`.",
    "memory_id must be a string.",
    rules={"minLength": 1, "maxLength": MAX_BYTES, "pattern": ID_PATTERN},
    missing="memory_id is missing.",
    example="run-42/plan",
)
DATA = Member(
    "data",
    "body",
    JSON,
    BODY,
    "Any JSON, null included; kept byte for byte.",
    "data can be any JSON value.",
    read=read_text,
    write=joined,
)
NEEDED_DATA = DATA._replace(missing="data is missing; it can be any JSON value, null included.")
TTL = Member(
    "ttl",
    "ttl_ms",
    INTEGER,
    BODY,
    "Seconds to live, at most the user's maximum; without it, the user's default.",
    "ttl must be a whole number of seconds, at least 1; leave it out for the default.",
    read=read_seconds,
    write=write_seconds,
    rules={"minimum": 1},
)
EXTRA_SECONDS = Member(
    "extra_seconds",
    "extra_ms",
    INTEGER,
    BODY,
    "Whole seconds, at least 1.",
    "extra_seconds must be a whole number of seconds, at least 1.",
    read=read_seconds,
    write=write_seconds,
    rules={"minimum": 1},
)
EXTEND = Member(
    "extend",
    "at_least_ms",
    INTEGER,
    QUERY,
    "Raise the remaining life to at least this many seconds, held to the user's maximum; a life is never shortened.",
    "extend must be a whole number of seconds, at least 1.",
    read=read_seconds,
    write=write_seconds,
    rules={"minimum": 1},
    example=300,
)
AT_LEAST = Member(
    "at_least",
    "at_least_ms",
    INTEGER,
    BODY,
    "Raise the remaining life to at least this many seconds; a life is never shortened.",
    "at_least must be a whole number of seconds, at least 1.",
    read=read_seconds,
    write=write_seconds,
    rules={"minimum": 1},
)
IF_MATCH = Member(
    "if_match",
    "if_version",
    STRING,
    HEADER,
    "A memory's version, as its `ETag` has it; the quotes may be left out.",
    "if_match must be a version: a string.",
    read=read_version,
    header="If-Match",
    header_words="Only while the memory has this version (its `ETag`); otherwise 412. `*` is any.",
    header_rules=ANY_TAG,
    example=EXAMPLE_VERSION,
)
REPLACED = IF_MATCH._replace(
    read=read_replaced,
    header_words="Replace only while the memory has this version (its `ETag`); otherwise 412. Not with If-None-Match.",
    header_rules={"type": "string", "pattern": r'^(W/)?"[!#-~]*"$'},
)
CREATE_ONLY = Member(
    "if_none_match",
    "if_absent",
    STRING,
    HEADER,
    "Only `*`: create, and never replace.",
    "if_none_match must be a version, or *: a string.",
    read=read_create_only,
    write=write_create_only,
    rules={"const": ANY},
    header="If-None-Match",
    header_words="`*`: create, and never replace; 412 where there is a memory with this id. Not with If-Match.",
    header_rules={"type": "string", "const": ANY},
    example=ANY,
)
KNOWN = Member(
    "if_none_match",
    "unless_version",
    STRING,
    HEADER,
    "A memory's version, as its `ETag` has it; the quotes may be left out.",
    "if_none_match must be a version, or *: a string.",
    read=read_version,
    header="If-None-Match",
    header_words="The version that is known already: 304 without a body while it still is the memory's.",
    header_rules=ANY_TAG,
    example=EXAMPLE_VERSION,
)
PREFIX_RULES = {"maxLength": MAX_BYTES, "pattern": PREFIX_PATTERN}
PREFIX = Member(
    "prefix",
    "prefix",
    STRING,
    QUERY,
    "What the ids begin with; without it, the prefix of the key, which may be empty.",
    "prefix must be a string.",
    rules=PREFIX_RULES,
    example="run-42/",
)
NEEDED_PREFIX = PREFIX._replace(
    description="What the ids begin with. Never empty.",
    rules={**PREFIX_RULES, "minLength": 1},
    missing="prefix is missing: name the beginning of the ids to forget.",
)
CURSOR = Member(
    "cursor",
    "cursor",
    STRING,
    QUERY,
    "The `cursor` of the page before.",
    "cursor must be a string.",
    rules={"minLength": 1},
)
LIMIT = Member(
    "limit",
    "limit",
    INTEGER,
    QUERY,
    "Memories on one page.",
    f"limit must be a whole number from 1 to {LONGEST_PAGE}.",
    rules={"minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE},
)

ID_PART = Part("memory_id", "memory_id", STRING, MEMORY_ID.description, MEMORY_ID.rules)
TTL_PART = Part("ttl", "ttl_remaining", INTEGER, "Seconds left to live, rounded up.", {"minimum": 1})
LEFT_PART = TTL_PART._replace(name="ttl_remaining")
EXPIRY_PART = Part(
    "expires_at", "expires_at", STRING, "UTC, in whole seconds, rounded down.", {"format": "date-time"}
)
