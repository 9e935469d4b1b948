"""The target of a request: the memory id in its path, and the parameters behind the question mark."""

import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest

from stash_memory.errors import InvalidRequest

# An error repeats no more of an unknown parameter's name.
NAME_CHARACTERS = 64
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


def query(request: HttpRequest, *names: str) -> dict[str, str]:
    """The parameters that were given, of those that this path takes. Raises InvalidRequest.

    Stricter than Django's: a mistyped `prefix` that was passed over would list or forget something else.
    """
    check_target(request.META.get("RAW_URI", ""))
    found: dict[str, str] = {}
    text = request.META.get("QUERY_STRING", "")
    for pair in text.split("&") if text else ():
        if not pair:
            continue
        name, value = (decoded(part) for part in pair.partition("=")[::2])
        if name not in names:
            shown = name[:NAME_CHARACTERS]
            raise InvalidRequest(f"There is no query parameter named {shown!r} here.", field=shown)
        if name in found:
            raise InvalidRequest(f"{name} is given twice.", field=name)
        found[name] = value
    return found


def decoded(part: str) -> str:
    """A name or a value, percent-decoded; `+` is a space, as in a form. Raises InvalidRequest."""
    if BROKEN_ESCAPE.search(part):
        raise InvalidRequest("The query has a % that two hexadecimal digits do not follow.")
    try:
        return unquote_to_bytes(part.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidRequest("The query is not UTF-8.") from None


def number(text: str | None) -> int | str | None:
    """A number as the rules take it: an int where it is one, and else what was given, for them to refuse."""
    if text is not None and text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    return text
