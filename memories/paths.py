"""The memory id in a request's path."""

import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest

from stash_memory.errors import InvalidRequest

BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class MemoryIdConverter:
    """Anything at all: `/` is part of an id, and a line break is for the store to refuse."""

    regex = r"[\s\S]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def check_target(target: str) -> None:
    """Raises InvalidRequest for a request target with a fragment, which belongs in none (RFC 9112, section 3.2).

    The HTTP server drops it: `/recall/a#b` would read `a`, and `?prefix=a#b` forget more than was asked.
    """
    if "#" in target:
        raise InvalidRequest("The path or query has a # in it; write it as %23.")


def check_path(request: HttpRequest) -> None:
    """Raises InvalidRequest for percent-encoding that is broken, or not of UTF-8.

    Judged on the request line as it came: Django mends such a path, and `%FF` would then read `%25FF`'s memory.
    """
    target = request.META.get("RAW_URI", "")
    check_target(target)
    path = target.partition("?")[0]
    if "%" not in path and path.isascii():
        return
    if BROKEN_ESCAPE.search(path):
        raise InvalidRequest("The path has a % that two hexadecimal digits do not follow.", field="memory_id")
    try:
        unquote_to_bytes(path.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidRequest("The path is not UTF-8.", field="memory_id") from None
