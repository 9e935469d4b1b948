"""The members of keys in requests and answers, described as in memories/terms.py."""

from typing import Annotated

from msgspec import Meta

from accounts.models.api_key import MAX_LIFE_SECONDS, MAX_NAME_CHARACTERS, MAX_PREFIX_BYTES
from stash_memory.ids import PREFIX_PATTERN

KeyId = Annotated[
    str,
    Meta(
        description="How the key is named where its secret must not be.",
        extra_json_schema={"pattern": "^key_[0-9A-Za-z]{12}$"},
    ),
]
KeyName = Annotated[
    str,
    Meta(
        description="What the key is for, without control characters.",
        extra_json_schema={
            "maxLength": MAX_NAME_CHARACTERS,
            "pattern": r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
        },
    ),
]
KeyPrefix = Annotated[
    str,
    Meta(
        description=f"The key reaches only ids that begin so; at most {MAX_PREFIX_BYTES} bytes. End it with a slash.",
        extra_json_schema={"maxLength": MAX_PREFIX_BYTES, "pattern": PREFIX_PATTERN},
    ),
]
ReadOnly = Annotated[bool, Meta(description="Whether the key may only read memories.")]
KeyLife = Annotated[
    int,
    Meta(
        description="Seconds until the key is refused.",
        extra_json_schema={"minimum": 1, "maximum": MAX_LIFE_SECONDS},
    ),
]
