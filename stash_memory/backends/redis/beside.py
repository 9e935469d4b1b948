"""Bodies of 64 KB to 1 MB, read by a plain command behind the script that found them.

Lua copies a value three times: 1 MB through it costs Redis 1.8 ms, and a plain read 0.5, while all others wait.
"""

from stash_memory.backends.base import Record
from stash_memory.backends.redis.encoding import NAME_BYTES, Beside
from stash_memory.backends.redis.link import pieces
from stash_memory.backends.redis.wire import Wire

# Below it a second round trip costs more than the copies.
LUA_BYTES = 64 * 1024


def record(wire: Wire, key: bytes, found: Beside) -> Record | None:
    """The record that the script found at `key`, with its body; None if that has changed since.

    No version ever comes back: one that was there before the body was read and after it is the body's.
    Raises StoreUnavailable.
    """
    body, name = wire.ask(
        key, (b"GETRANGE", key, NAME_BYTES, -1), (b"GETRANGE", key, 0, NAME_BYTES - 1), write=False
    )
    if name != found.head:
        return None
    return Record(pieces(body), found.size, found.head[:16].decode(), found.expires_at_ms, found.remaining_ms)
