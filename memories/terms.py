"""The members that requests and answers are made of, each described once for the schema (memories/schema/).

What is said here is said, not enforced: the rules live in the store.
"""

from typing import Annotated

from msgspec import Meta, Raw

from stash_memory.ids import ID_PATTERN, MAX_BYTES

MemoryId = Annotated[
    str,
    Meta(
        description=(
            f"1 to {MAX_BYTES} bytes of UTF-8 without control characters; `/` parts it into segments, none of which "
            "is empty, `.` or `..`."
        ),
        extra_json_schema={"minLength": 1, "maxLength": MAX_BYTES, "pattern": ID_PATTERN},
    ),
]
Data = Annotated[Raw, Meta(description="Any JSON, null included; kept byte for byte.")]
Seconds = Annotated[int, Meta(description="Whole seconds, at least 1.", extra_json_schema={"minimum": 1})]
NewTtl = Annotated[
    int,
    Meta(
        description="Seconds to live, at most the user's maximum; without it, the user's default.",
        extra_json_schema={"minimum": 1},
    ),
]
TtlRemaining = Annotated[
    int, Meta(description="Seconds left to live, rounded up.", extra_json_schema={"minimum": 1})
]
Instant = Annotated[
    str, Meta(description="UTC, in whole seconds, rounded down.", extra_json_schema={"format": "date-time"})
]
Size = Annotated[int, Meta(description="Bytes of JSON text in `data`.", extra_json_schema={"minimum": 1})]
Count = Annotated[int, Meta(extra_json_schema={"minimum": 0})]
Version = Annotated[
    str, Meta(description="A memory's version, as its `ETag` has it; the quotes may be left out.")
]
CreateOnly = Annotated[
    str, Meta(description="Only `*`: create, and never replace.", extra_json_schema={"const": "*"})
]
