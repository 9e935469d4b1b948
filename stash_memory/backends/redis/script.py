"""The Lua scripts: one round trip each, by their digest; sent in full only to a server that lost them."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from stash_memory.backends.redis.failures import refused
from stash_memory.backends.redis.wire import Argument, Command, Wire


class Script:
    """A script made of the Lua files `parts`, with Redis's script `flags`."""

    def __init__(self, *parts: str, flags: str = "") -> None:
        folder = files(__package__)
        head = f"#!lua flags={flags}" if flags else "#!lua"
        source = "\n".join([head, *((folder / f"{part}.lua").read_text() for part in parts)])
        self._source = source.encode()
        self._digest = hashlib.sha1(self._source, usedforsecurity=False).hexdigest().encode()

    def command(self, keys: Sequence[bytes], arguments: Sequence[Argument]) -> Command:
        """What runs it where it is known."""
        return (b"EVALSHA", self._digest, len(keys), *keys, *arguments)

    def run(self, wire: Wire, keys: Sequence[bytes], arguments: Sequence[Argument], *, write: bool) -> Any:
        """What the script answers. `write`: whether it may change what someone asked to change.

        Raises StoreUnavailable and StoreFull.
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
        """The answer to `command`; if the server did not know the script, the answer once it does."""
        if isinstance(answer, NoScriptError):
            command = (b"EVAL", self._source, len(keys), *keys, *arguments)
            [answer] = wire.ask(keys[0], command, write=write)
        if isinstance(answer, ResponseError):
            raise refused(answer, wire.name, write=write) from answer
        return answer


_PARTS = ("bucket", "clearing", "caps", "record", "listing", "dispatch")

# On a full Redis one runs only what needs no more memory: reading, forgetting, spending, clearing.
WRITING = Script(*_PARTS)
SPARING = Script(*_PARTS, flags="allow-oom")
REGISTRY = Script("registry", flags="allow-oom")
