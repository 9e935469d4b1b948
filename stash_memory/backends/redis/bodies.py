"""Bodies that do not go through the script: read beside it from 64 KB on, cut into chunks over 1 MB.

Lua copies a value three times: 1 MB through it costs Redis 1.8 ms, and a plain read 0.5, while all others wait. A
100 MB value in one piece stalls every other client; a chunk of 256 KB for well under a millisecond.
"""

import contextlib
from collections.abc import Iterator

from redis.exceptions import ResponseError

from stash_memory.backends.body import cut
from stash_memory.backends.redis.caller import Caller
from stash_memory.backends.redis.encoding import (
    CHUNKED,
    NAME_BYTES,
    Elsewhere,
    Value,
    build_begun,
    build_chunked,
)
from stash_memory.backends.redis.failures import translate_refusal
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.link import pieces_of
from stash_memory.backends.redis.script import LINGER_MS
from stash_memory.backends.redis.wire import Wire
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreUnavailable
from stash_memory.ids import new_version
from stash_memory.operations import Put, Result, Update
from stash_memory.records import Body, Buffer, Record

# Below it a second round trip costs more than the copies.
LUA_BYTES = 64 * 1024


class Bodies:
    """Reads and writes the bodies that scripts only point to."""

    def __init__(self, wire: Wire, caller: Caller) -> None:
        self._wire = wire
        self._caller = caller

    def read(self, user: str, id: str, found: Elsewhere) -> Record | None:
        """The record that the script found, with its body; None if a large head has changed since.

        Chunks are read one by one as the body is consumed. Raises StoreUnavailable.
        """
        head, size, expires_at_ms, remaining_ms = found
        version = head[:16].decode()
        if head[16:17] != CHUNKED:
            body = self._beside(keys_of(user).head(id), head)
            return None if body is None else Record(body, size, version, expires_at_ms, remaining_ms)
        count = int(head.rpartition(b":")[2])
        chunks = self._chunks(keys_of(user).chunks(version), count)
        return Record(chunks, size, version, expires_at_ms, remaining_ms)

    def write(self, user: str, operation: Put | Update, body: Body, size: int, spend: Spend | None) -> Result:
        """Performs a write of a body over 1 MB: two round trips, and one for each chunk.

        Charges and checks before a chunk is sent, and checks again at the end, which is what counts. Raises
        StoreUnavailable, StoreFull.
        """
        value = self.send(user, operation, body, size, spend)
        if isinstance(value, StashError):
            return value
        result: object = None
        try:
            result = found = self._caller.perform(user, operation, value)
        except StashError as error:
            result = error
            raise
        finally:
            self.discard_if_refused(user, value, result)
        assert not isinstance(found, Elsewhere)
        return found

    def send(
        self, user: str, operation: Put | Update, body: Body, size: int, spend: Spend | None = None
    ) -> Value | StashError:
        """Writes the chunks of a body, which no record has yet, or returns the operation's refusal.

        Raises StoreUnavailable, StoreFull; nothing was applied then.
        """
        version = new_version()
        refusal = self._caller.perform(user, operation, build_begun(version, size), spend)
        if isinstance(refusal, StashError):
            return refusal
        return build_chunked(version, size, self._write(user, version, body))

    def discard_if_refused(self, user: str, value: Value | None, result: object) -> None:
        """Clears the chunks of a value that was not written for sure."""
        failed = isinstance(result, StashError) and getattr(result, "applied", False) is False
        if failed and value is not None and value.flag == CHUNKED:
            self._discard(user, value.version)

    def _beside(self, key: bytes, name: bytes) -> tuple[bytes, ...] | None:
        """The body behind `name` in the head at `key`, None if another name is there.

        No version ever comes back: one that was there before the body was read and after it is the body's.
        """
        body, name_after = self._wire.ask(
            key, (b"GETRANGE", key, NAME_BYTES, -1), (b"GETRANGE", key, 0, NAME_BYTES - 1), write=False
        )
        return pieces_of(body) if name_after == name else None

    def _chunks(self, key: bytes, count: int) -> Iterator[bytes]:
        for number in range(count):
            [chunk] = self._wire.ask(key, (b"HGET", key, number), write=False)
            if isinstance(chunk, ResponseError):
                raise translate_refusal(chunk, self._wire.name, write=False) from chunk
            if not chunk:
                raise StoreUnavailable("The value was let go while it was read: recall it again.")
            yield from pieces_of(chunk)

    def _write(self, user: str, version: str, body: Body) -> int:
        """Writes the chunks to the hash that was begun for them; returns how many there are.

        They expire ten minutes after the last one, unless a head claims them.
        """
        key, count = keys_of(user).chunks(version), 0
        try:
            for chunk in cut(body):
                self._add(key, count, chunk)
                count += 1
        except BaseException:
            self._discard(user, version)
            raise
        return count

    def _add(self, key: bytes, number: int, chunk: Buffer) -> None:
        stay = (b"PEXPIRE", key, LINGER_MS)
        answers = self._wire.ask(key, stay, (b"HSET", key, number, memoryview(chunk)), write=False)
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise translate_refusal(answer, self._wire.name, write=False) from answer
        if not answers[0]:
            raise StoreUnavailable("The value was written too slowly and was cleared: send it again.")

    def _discard(self, user: str, version: str) -> None:
        """Clears chunks that no record has; they expire if the server cannot be reached."""
        key = keys_of(user).chunks(version)
        with contextlib.suppress(StashError):
            self._wire.ask(key, (b"UNLINK", key), write=False)
