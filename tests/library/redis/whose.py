"""Threads ask for what they know over wires that cut, dawdle and break: each answer is its own, or there is none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stash_memory.backends.body import CHUNK_BYTES, INLINE_BYTES
from stash_memory.backends.redis.bodies import LUA_BYTES
from stash_memory.backends.redis.link import READ_BYTES
from stash_memory.errors import MemoryNotFound, StoreUnavailable
from stash_memory.records import Record
from tests.backends import RedisBackend
from tests.by_method import Get
from tests.contract.cast import ALICE, BOB, DAY, content
from tests.library.redis.clients import CLIENTS
from tests.library.redis.lookalikes import LOOKALIKES
from tests.servers.redis_server import RedisServer
from tests.servers.rough_wire import PIECE_BYTES, Manner, RoughWire

USERS = (ALICE, BOB)
NAME = 17
SMALL = (1, 40, 16_384)
EDGES = (LUA_BYTES - NAME, LUA_BYTES, LUA_BYTES + 1, READ_BYTES + NAME, 200_000)
LARGE = (INLINE_BYTES - NAME, INLINE_BYTES, INLINE_BYTES + 1, 5 * CHUNK_BYTES + READ_BYTES)
SIZES = SMALL + EDGES + LARGE
# Longer than a client waits that is in a hurry.
HURRY, LATE = 0.04, 0.06


@cache
def value(whose: str, size: int) -> bytes:
    """Nobody else's, at no place in it: and what looks like Redis's protocol, at many."""
    seed = LOOKALIKES[size % len(LOOKALIKES)] + whose.encode()
    return (seed * (size // len(seed) + 1))[:size]


def kept(user: str, size: int) -> bytes:
    """What the user has had from the beginning under `kept/SIZE`."""
    return value(f"{user}/{size}", size)


class Asker:
    """One thread's requests: of the users whose memories it knows, and of memories that it alone writes."""

    def __init__(self, backend: RedisBackend, name: str) -> None:
        self.backend, self.name = backend, name
        self.writes = 0
        self.possible: set[bytes | None] = {None}

    def recall(self, user: str, size: int) -> None:
        self._is(self.backend.get(user, f"kept/{size}"), kept(user, size))

    def recall_many(self, user: str, size: int) -> None:
        sizes = [size, *SMALL, EDGES[-1], size]
        for size, found in zip(
            sizes, self.backend.many(user, [Get(f"kept/{s}") for s in sizes]), strict=True
        ):
            if isinstance(found, Record):
                self._is(found, kept(user, size))
            else:
                assert isinstance(found, StoreUnavailable), found

    def look_for_none(self, user: str, size: int) -> None:
        try:
            self.backend.get(user, f"none/{size}")
        except MemoryNotFound:
            return
        raise AssertionError("found what there is not")

    def list_all(self, user: str, _: int) -> None:
        page = self.backend.page(user, "kept/")
        assert {entry.id: entry.size for entry in page.entries} == {f"kept/{size}": size for size in SIZES}

    def write(self, user: str, size: int) -> None:
        self.writes += 1
        written = value(f"{user}/{self.name}/{self.writes}", size)
        try:
            record = self.backend.put(user, self.name, [written], DAY)
        except StoreUnavailable as error:
            # It may be applied yet: a request that nobody waits for any more still is on its way.
            self.possible |= set() if error.applied is False else {written}
            raise
        self.possible.add(written)
        assert record.size == size

    def recall_own(self, user: str, _: int) -> None:
        try:
            found = content(self.backend.get(user, self.name))
        except MemoryNotFound:
            assert None in self.possible
        else:
            assert found in self.possible

    def _is(self, record: Record, wanted: bytes) -> None:
        assert record.size == len(wanted)
        assert content(record) == wanted


Ask = tuple[Callable[[Asker, str, int], None], str, int]
READS = (Asker.recall, Asker.recall, Asker.recall_many, Asker.look_for_none, Asker.list_all)

sizes = st.one_of(st.sampled_from(SMALL), st.sampled_from(EDGES), st.sampled_from(LARGE))
asks = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(READS), st.sampled_from(USERS), sizes),
        st.tuples(st.sampled_from((Asker.write, Asker.recall_own)), st.just(ALICE), sizes),
    ),
    min_size=6,
    max_size=12,
)
places = st.one_of(
    st.integers(0, 400), st.integers(READ_BYTES - 20, READ_BYTES + 400), st.integers(0, 3 * INLINE_BYTES)
)
# One piece of each round is large, or a value would take a second.
pieces = st.lists(st.one_of(st.integers(1, 40), st.integers(1, 2 * READ_BYTES)), max_size=3).map(
    lambda some: (*some, PIECE_BYTES)
)
manners = st.builds(
    Manner,
    pieces=pieces,
    pause=st.sampled_from((0, 0, 0.0005, 0.0005, 0.0005, LATE)),
    apart=st.sampled_from((False, True, True)),
    asks=st.one_of(st.none(), st.none(), places),
    answers=st.one_of(st.none(), places),
    end=st.sampled_from(("close", "reset", "silence")),
)


def ask_over_rough_wires(server: RedisServer, *, examples: int, repeatable: bool) -> int:
    """So many times, two threads over some connections that behave in their manner; how many answers there were.

    With `repeatable`, the same each time, as far as threads and networks are.
    """
    with_all = RedisBackend(CLIENTS["direct"](server.port))
    for user in USERS:
        for size in SIZES:
            with_all.put(user, f"kept/{size}", [kept(user, size)], DAY)
    answers = 0

    @settings(
        max_examples=examples,
        derandomize=repeatable,
        database=None,
        deadline=None,
        # What depends on time would not fail twice alike.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(["direct", *CLIENTS]),
        st.lists(manners, min_size=2, max_size=6),
        st.tuples(asks, asks),
    )
    def work(kind: str, behave: list[Manner], work: tuple[list[Ask], list[Ask]]) -> None:
        nonlocal answers
        hurry = any(one.pause == LATE or one.end == "silence" for one in behave)
        with RoughWire(server.port, behave) as rough:
            backend = RedisBackend(CLIENTS[kind](rough.port, **({"socket_timeout": HURRY} if hurry else {})))
            with ThreadPoolExecutor(len(work)) as threads:
                askers = [Asker(backend, f"own/{number}") for number in range(len(work))]
                answers += sum(threads.map(asked, askers, work))
            backend.close()
        for asker in askers:
            with_all.delete_prefix(ALICE, asker.name)

    work()
    with_all.close()
    return answers


def asked(asker: Asker, work: list[Ask]) -> int:
    """How many of the asks were answered. Raises AssertionError for an answer that is another's."""
    answers = 0
    for ask, user, size in work:
        try:
            ask(asker, user, size)
        except StoreUnavailable:
            continue
        answers += 1
    return answers
