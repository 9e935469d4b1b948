"""One call of the script: it charges the token, performs operations, and registers the user who writes."""

from collections.abc import Sequence
from typing import Any

from stash_memory.backends.redis.encoding import (
    AGAIN,
    Elsewhere,
    Value,
    decode,
    encode,
    life_ms,
    matters,
)
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.registry import Registry
from stash_memory.backends.redis.script import SPARING, WRITING, Script
from stash_memory.backends.redis.wire import Argument, Wire
from stash_memory.bucket import Spend, take
from stash_memory.errors import RateLimited, StoreFull
from stash_memory.operations import Operation, Result


class Caller:
    """Calls the script for a user's operations. The first call charges an undecided `spend`."""

    def __init__(self, wire: Wire, registry: Registry) -> None:
        self._wire = wire
        self._registry = registry

    def perform(
        self,
        user: str,
        operation: Operation,
        value: Value | None = None,
        spend: Spend | None = None,
        most: int | None = None,
    ) -> Result | Elsewhere:
        """Performs one operation in one round trip: batches would make a small recall a tenth slower.

        `value` and `most`: see `encoding.encode`. Raises StoreUnavailable, StoreFull.
        """
        heads, passed = [keys_of(user).head(operation.id)], encode(operation, value, most)
        script = SPARING if value is None else WRITING
        write, lives_ms = matters(operation, value), life_ms(operation)
        while True:
            charging = spend is not None and spend.bucket is None
            try:
                found, now_ms = self.ask(
                    user, heads, passed, spend, script=script, write=write, lives_ms=lives_ms
                )
            except StoreFull:
                if charging and not self.charge(user, spend):
                    return out_of_tokens(spend)
                raise
            if not found:
                return out_of_tokens(spend)
            if found[0][0] != AGAIN:
                return decode(value, found[0], now_ms)

    def charge(self, user: str, spend: Spend | None, *, some: bool = False) -> int:
        """Charges an undecided `spend` without an operation; returns how many tokens it has."""
        self.ask(user, (), (), spend, some=some, write=False)
        return tokens_of(spend)

    def ask(
        self,
        user: str,
        heads: Sequence[bytes],
        passed: Sequence[Argument],
        spend: Spend | None,
        *,
        script: Script = SPARING,
        some: bool = False,
        write: bool,
        lives_ms: int = 0,
    ) -> tuple[list[Any], int]:
        """Calls the script: its answer to each operation that has a token, and its time in milliseconds.

        Decides an undecided `spend`: all of its tokens or none, with `some` as many as the bucket has. Registers a
        user who is to keep something for `lives_ms`. `write`: whether a caller has to know if it was applied.
        Raises StoreUnavailable, StoreFull.
        """
        keys = [*keys_of(user).books, *heads]
        asked = spend if spend is not None and spend.bucket is None else None
        if asked is None:
            passed = [b"", b"", b"", b"", *passed]
        else:
            passed = [asked.interval_us, asked.burst, asked.cost, b"1" if some else b"", *passed]
        command = script.command(keys, passed)
        if lives_ms and self._registry.is_due(user, lives_ms):
            answer = self._registry.register_with(user, lives_ms, keys[0], command, write=write)
        else:
            [answer] = self._wire.ask(keys[0], command, write=write)
        now_us, taken, before_us, *found = script.answer(self._wire, keys, passed, answer, write=write)
        if asked is not None:
            _, bucket = take(before_us, now_us, asked, some=some)
            # If Lua's doubles ever came out otherwise, the script's own decision counts.
            asked.bucket = bucket if taken == bucket.granted else bucket._replace(granted=taken)
        return found, now_us // 1000


def tokens_of(spend: Spend | None) -> int:
    """The tokens of a decided `spend`; one if nothing is charged."""
    return 1 if spend is None or spend.bucket is None else spend.bucket.granted


def out_of_tokens(spend: Spend | None) -> RateLimited:
    """The result of an operation that has no token."""
    assert spend is not None
    assert spend.bucket is not None
    return RateLimited(spend.bucket.retry_after_ms)
