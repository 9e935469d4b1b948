"""Rules for a key's id, name, prefix and expiry."""

import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

from stash_memory.errors import InvalidRequest
from stash_memory.ids import ALPHABET, check_id

MAX_NAME_CHARACTERS = 100
# A prefix leaves room for the 32 characters of the longest id that the store makes (256 bytes in all).
MAX_PREFIX_BYTES = 200
# Ten years: whoever wants longer wants no expiry.
MAX_LIFE_SECONDS = 3_650 * 86_400

# A name has no controls, line or paragraph separators, or halves of surrogate pairs.
UNNAMEABLE = {"Cc", "Zl", "Zp", "Cs"}


KEY_ID = re.compile(r"key_[0-9A-Za-z]{12}", re.ASCII)


def new_key_id() -> str:
    """Returns `key_` and 12 random base62 characters, which name a key without its secret."""
    return "key_" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def check_name(name: str) -> None:
    """Raises ValidationError for a name that is too long or does not fit on one line."""
    if len(name) > MAX_NAME_CHARACTERS:
        raise ValidationError(f"The name may be {MAX_NAME_CHARACTERS} characters long.")
    if any(unicodedata.category(character) in UNNAMEABLE for character in name):
        raise ValidationError("The name has a control character in it.")


def check_prefix(prefix: str) -> None:
    """Raises ValidationError for a prefix that no memory id can begin with."""
    if len(prefix.encode("utf-8", "surrogatepass")) > MAX_PREFIX_BYTES:
        raise ValidationError(f"The prefix may be {MAX_PREFIX_BYTES} bytes long.")
    try:
        check_id(prefix + "x")
    except InvalidRequest as error:
        raise ValidationError(error.detail.replace("memory_id", "The prefix")) from None


def end_of(life_seconds: int, now: datetime) -> datetime:
    """Returns the expiry of a key that lives this long from now. Raises ValidationError."""
    if life_seconds > MAX_LIFE_SECONDS:
        sentence = f"expires_in is over the maximum of {MAX_LIFE_SECONDS} seconds, which are ten years."
        raise ValidationError({"expires_in": sentence})
    return now + timedelta(seconds=life_seconds)
