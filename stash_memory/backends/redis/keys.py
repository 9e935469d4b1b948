"""The names of a user's keys. The braces in them put all of a user's keys into one cluster slot."""

from functools import lru_cache
from typing import NamedTuple


class Keys(NamedTuple):
    """One user's keys. `books`: bucket, index, expiry, sizes and tombstones, as the scripts expect them."""

    books: tuple[bytes, ...]
    head_prefix: bytes
    chunk_prefix: bytes

    def head(self, id: str) -> bytes:
        """The key of a record."""
        return self.head_prefix + octets(id)

    def chunks(self, version: str) -> bytes:
        """The key of a large body's chunks."""
        return self.chunk_prefix + version.encode()


def octets(text: str) -> bytes:
    """The text in UTF-8; lone surrogates pass, so that any id may be asked for."""
    return text.encode("utf-8", "surrogatepass")


def text(data: bytes) -> str:
    """The text of which `octets` made `data`."""
    return data.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=4096)
def keys_of(user: str) -> Keys:
    """The user's keys."""
    tag = b"{" + octets(_tag(user)) + b"}"
    books = tuple(name + tag for name in (b"bucket:", b"index:", b"expiry:", b"sizes:", b"tombstones:"))
    return Keys(books, b"user:" + tag + b":", b"chunk:" + tag + b":")


def _tag(user: str) -> str:
    # Redis ends a tag at its first "}", and ignores an empty one. Each user has a tag of their own.
    if not user:
        return "%"
    if "}" in user or "%" in user:
        return user.replace("%", "%25").replace("}", "%7D")
    return user
