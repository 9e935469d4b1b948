"""The secret of an API key: `sk_live_`, 32 base62 characters, and 6 of checksum."""

import hashlib
import re
import secrets
import zlib

from stash_memory.ids import ALPHABET

LIVE = "live"
LOCAL = "local"
RANDOM_CHARACTERS = 32
CHECKSUM_CHARACTERS = 6

FORM = re.compile(
    rf"sk_(?:{LIVE}|{LOCAL})_[0-9A-Za-z]{{{RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}}", re.ASCII
)

# A key amid other text, in any case: somebody who pastes one where it does not belong may have changed that too.
IN_TEXT = re.compile(
    rf"sk_(?:{LIVE}|{LOCAL})_[0-9a-z]{{1,{RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}}",
    re.ASCII | re.IGNORECASE,
)


def new_secret(kind: str = LIVE) -> str:
    """A fresh secret with 190 bits of randomness in it."""
    body = f"sk_{kind}_" + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + checksum(body)


def checksum(body: str) -> str:
    """CRC-32 of `body` in base62: a key that was cut or mistyped is refused without a query."""
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(secret: str) -> bool:
    """Whether `secret` could be a key at all."""
    return FORM.fullmatch(secret) is not None and secret.endswith(checksum(secret[:-CHECKSUM_CHARACTERS]))


def holds_secret(text: str) -> bool:
    """Whether there is something like a secret in `text`."""
    return IN_TEXT.search(text) is not None


def masked(text: str) -> str:
    """`text` with `sk_...` in place of whatever looks like a secret: what a log may keep."""
    # Nearly no text has one, and a plain search is quicker than one that ignores case.
    return IN_TEXT.sub("sk_...", text) if "sk_" in text.lower() else text


def digest_of(secret: str) -> bytes:
    """SHA-256: enough for a secret of 190 random bits, which no dictionary holds."""
    return hashlib.sha256(secret.encode()).digest()


def kind_of(secret: str) -> str:
    """`live` or `local`, of a secret or of its visible part."""
    return secret.split("_")[1]


def visible_part(secret: str) -> str:
    """`sk_live_Ab3d`: enough to tell one's keys apart."""
    return secret[: secret.rindex("_") + 5]
