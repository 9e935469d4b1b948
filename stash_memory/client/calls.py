"""The calls that a Stash makes, and what comes of each: the words between the surface and what keeps its memories.

Ids are whole (their namespace's prefix included), data is JSON text, times are whole seconds.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from stash_memory.client.memory import Memory
from stash_memory.errors import StashError


class Create(NamedTuple):
    """The verb stash: keep `text` under an id that is made for it. Answer: the Memory, without data."""

    text: bytes
    ttl: int | None = None


class Put(NamedTuple):
    """Keep `text` under the caller's own id. Answer: the Memory, without data."""

    memory_id: str
    text: bytes
    ttl: int | None = None
    if_version: str | None = None
    if_absent: bool = False


class Recall(NamedTuple):
    """The verb recall; `extend` raises the remaining life to at least that. Answer: the Memory."""

    memory_id: str
    extend: int | None = None


class Update(NamedTuple):
    """The verb update: new `text`, a longer life, or both. Answer: the Memory, without data."""

    memory_id: str
    text: bytes | None = None
    extra_seconds: int | None = None
    if_version: str | None = None


class Forget(NamedTuple):
    """The verb forget. Answer: None."""

    memory_id: str
    if_version: str | None = None


class ForgetPrefix(NamedTuple):
    """Forget every memory whose id begins with `prefix`. Answer: how many."""

    prefix: str


class ListPage(NamedTuple):
    """The memories whose ids begin with `prefix`, at most `limit` of them, after `cursor`. Answer: a Page."""

    prefix: str
    cursor: str | None
    limit: int


Single: TypeAlias = Create | Put | Recall | Update | Forget
Result: TypeAlias = Memory | StashError | None
Results: TypeAlias = list[Result]


class Many(NamedTuple):
    """At most 100 calls, in order. Answer: a Result for each; an error fails its own call only."""

    calls: Sequence[Single]


Call: TypeAlias = Single | ForgetPrefix | ListPage | Many

# The most calls in one Many, and the entries in one page.
MOST_IN_ONE = 100
PAGE = 1000
