"""What the JSON in answers means."""

import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from stash_memory.client import problems
from stash_memory.client.calls import Forget, ListPage, Many, Recall, Results, Single
from stash_memory.client.memory import UNSET, Entry, Memory, Page


def memory(call: Single, answer: Any, headers: Mapping[str, str]) -> Memory:
    """The memory that stash, put, recall or update answered with."""
    ttl = int(answer["ttl"] if "ttl" in answer else answer["ttl_remaining"])
    if "expires_at" in answer:
        expires_at_ms = milliseconds(answer["expires_at"])
    else:
        # A recall's answer does not say it: the server's clock and what is left do, to a second.
        expires_at_ms = server_time_ms(headers.get("date")) + ttl * 1000
    data = answer["data"] if isinstance(call, Recall) else UNSET
    return Memory(answer["memory_id"], ttl, expires_at_ms, version(headers["etag"]), data)


def listed(call: ListPage, answer: Any, headers: Mapping[str, str]) -> Page:
    """A page of a listing."""
    entries = [
        Entry(
            line["memory_id"],
            line["bytes"],
            line["ttl_remaining"],
            datetime.fromisoformat(line["expires_at"]),
        )
        for line in answer["memories"]
    ]
    return Page(entries, answer["cursor"])


def results(call: Many, answer: Any, headers: Mapping[str, str]) -> Results:
    """A result for each call of a batch: what the answer to its own request would have been."""
    return [
        result(single, one["status"], one, headers)
        for single, one in zip(call.calls, answer["results"], strict=True)
    ]


def result(call: Single, status: int, one: Any, headers: Mapping[str, str]) -> Any:
    """The memory, None of a forget, or the error."""
    if status >= 300:
        return problems.error_of(status, one["body"], one.get("retry_after"))
    if isinstance(call, Forget):
        return None
    return memory(call, one["body"], {"etag": one["etag"], "date": headers.get("date", "")})


def version(etag: str) -> str:
    """The version in an ETag, which a proxy that compresses makes weak."""
    return etag.removeprefix("W/").strip('"')


def milliseconds(instant: str) -> int:
    """An ISO 8601 time in milliseconds since the epoch."""
    return round(datetime.fromisoformat(instant).timestamp() * 1000)


def server_time_ms(date: str | None) -> int:
    """The instant in a Date header; where there is none, this machine's."""
    if date:
        try:
            return _milliseconds_of(date)
        except ValueError:
            pass
    return time.time_ns() // 1_000_000


# Many answers come in one second, and to read its name takes 10 us.
@lru_cache(8)
def _milliseconds_of(date: str) -> int:
    return round(parsedate_to_datetime(date).timestamp() * 1000)
