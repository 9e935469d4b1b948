"""What stands behind the question mark of a request's path."""

from urllib.parse import unquote_to_bytes

from django.http import HttpRequest

from memories.paths import BROKEN_ESCAPE, check_target
from stash_memory.errors import InvalidRequest

NAME_CHARACTERS = 64


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
