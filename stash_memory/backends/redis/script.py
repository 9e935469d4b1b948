"""The Lua scripts: one round trip each, by their digest. Only a server that lost them is sent the source."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from stash_memory import law
from stash_memory.backends.redis import encoding
from stash_memory.backends.redis.failures import translate_refusal
from stash_memory.backends.redis.wire import Argument, Command, Wire

# A reader or a writer of chunks may take this long for each of them.
LINGER_MS = 10 * 60 * 1000
# A process registers a user who writes at most once in this time.
REGISTERED_S = 60

_CODES = ("OK", "NOT_FOUND", "EXPIRED", "PRECONDITION", "TAKEN", "QUOTA", "CLOSED", "AGAIN", "LOST")
# Numbers that Python and Lua share: each script begins with them.
_SHARED = {
    **{name: getattr(encoding, name) for name in _CODES},
    "CHUNKED": ord(encoding.CHUNKED),
    "BEGUN": ord(encoding.BEGUN),
    "REMEMBERED_MS": law.REMEMBERED_MS,
    "REMEMBERED": law.REMEMBERED,
    "LINGER_MS": LINGER_MS,
    "REGISTERED_S": REGISTERED_S,
}


class Script:
    """A script made of the Lua files `parts`, with Redis's script `flags`."""

    def __init__(self, *parts: str, flags: str = "") -> None:
        folder = files(__package__)
        head = f"#!lua flags={flags}" if flags else "#!lua"
        shared = (f"local {name} = {number}" for name, number in _SHARED.items())
        self.source = "\n".join(
            [head, *shared, *((folder / f"{part}.lua").read_text() for part in parts)]
        ).encode()
        self._digest = self.digest_of(self.source)

    @staticmethod
    def digest_of(source: bytes) -> bytes:
        """The digest by which a server knows a script."""
        return hashlib.sha1(source, usedforsecurity=False).hexdigest().encode()

    def command(self, keys: Sequence[bytes], arguments: Sequence[Argument]) -> Command:
        """The command that runs it by its digest."""
        return (b"EVALSHA", self._digest, len(keys), *keys, *arguments)

    def run(self, wire: Wire, keys: Sequence[bytes], arguments: Sequence[Argument], *, write: bool) -> Any:
        """Runs it; returns its answer. `write`: whether a caller has to know if it was applied.

        Raises StoreUnavailable, StoreFull.
        """
        [answer] = wire.ask(keys[0], self.command(keys, arguments), write=write)
        return self.answer(wire, keys, arguments, answer, write=write)

    def answer(
        self,
        wire: Wire,
        keys: Sequence[bytes],
        arguments: Sequence[Argument],
        answer: Any,
        *,
        write: bool,
    ) -> Any:
        """The answer to `command`; if the server did not know the script, its answer to the source.

        Raises StoreUnavailable, StoreFull.
        """
        if isinstance(answer, NoScriptError):
            command = (b"EVAL", self.source, len(keys), *keys, *arguments)
            [answer] = wire.ask(keys[0], command, write=write)
        if isinstance(answer, ResponseError):
            raise translate_refusal(answer, wire.name, write=write) from answer
        return answer


PARTS = ("bucket", "clearing", "record", "listing", "dispatch")

# A full Redis runs only the script that needs no more memory: it reads, forgets, spends and clears.
WRITING = Script(*PARTS)
SPARING = Script(*PARTS, flags="allow-oom")
REGISTRY = Script("registry", flags="allow-oom")
