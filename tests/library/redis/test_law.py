"""Lua decides as law.py does: each operation on each state of its record, at any instant, under any bounds."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stash_memory import law
from stash_memory.backends.body import INLINE_BYTES
from stash_memory.backends.redis.bodies import LUA_BYTES
from stash_memory.backends.redis.script import SPARING, WRITING, Script
from stash_memory.errors import MemoryExpired, MemoryNotFound, StashError
from stash_memory.operations import Forget, Operation, Put, Recall, Result, Update
from stash_memory.records import Bounds, Caps, Record, Totals, size_of
from tests.backends import RedisBackend
from tests.contract.cast import content
from tests.library.redis.world import HOUR, ID, NOW, Row, State, World
from tests.servers.redis_server import RedisServer

EXAMPLES = 800

CURRENT, STRANGE = "the row's version", "0123456789abcdef"


sizes = st.one_of(
    st.integers(0, 2), st.integers(0, 20), st.sampled_from([16_384, LUA_BYTES + 1, INLINE_BYTES + 1])
)
lefts = st.one_of(
    st.sampled_from([-24 * HOUR - 1, -24 * HOUR, -24 * HOUR + 1, -30 * HOUR, -1, 0, 1, HOUR]),
    st.integers(-50 * HOUR, 50 * HOUR),
    st.integers(1, 2 * HOUR),
)
rows = st.tuples(sizes, lefts)
states = st.builds(
    State,
    st.one_of(st.none(), rows, rows, rows, rows),
    st.lists(st.tuples(st.integers(0, 20), lefts), max_size=3),
    st.sampled_from([False, False, False, True]),
    st.booleans(),
    st.booleans(),
)
lives = st.one_of(st.sampled_from([1, HOUR]), st.integers(1, 60 * HOUR))
maybe_lives = st.one_of(st.none(), lives)
versions = st.sampled_from([None, None, CURRENT, CURRENT, STRANGE, ""])
bodies = sizes.map(lambda size: (b"n" * size,))
bounds = st.builds(
    Bounds,
    lives,
    st.one_of(lives, st.just(100 * HOUR)),
    # What the caps leave beyond what the write comes to.
    st.one_of(st.none(), st.builds(Caps, *[st.sampled_from([None, -2, -1, -1, 0, 1])] * 2)),
    st.one_of(st.none(), st.none(), st.none(), st.integers(-2, 2).map(NOW.__add__), st.just(NOW + HOUR)),
)
REFUSED_IF_MISSING = {"MemoryNotFound", "MemoryExpired"}
# The kinds of operations, each with every outcome that it can have.
KINDS: dict[str, tuple[st.SearchStrategy[Operation], set[str]]] = {
    "recall": (st.builds(Recall, st.just(ID), versions, st.none()), {"read", "known", *REFUSED_IF_MISSING}),
    "recall that extends": (
        st.builds(Recall, st.just(ID), versions, lives, bounds),
        {"read", "read and extended", "known", "known and extended", *REFUSED_IF_MISSING},
    ),
    "put": (
        st.builds(Put, st.just(ID), bodies, maybe_lives, versions, st.booleans(), bounds),
        {"created", "replaced", "taken", "PreconditionFailed", "Closed", "QuotaExceeded"},
    ),
    "update": (
        st.builds(Update, st.just(ID), st.none() | bodies, maybe_lives, maybe_lives, versions, bounds),
        {
            "updated",
            "updated and extended",
            "extended",
            "unchanged",
            "PreconditionFailed",
            "QuotaExceeded",
            *REFUSED_IF_MISSING,
        },
    ),
    "forget": (
        st.builds(Forget, st.just(ID), versions),
        {"forgotten", "PreconditionFailed", *REFUSED_IF_MISSING},
    ),
}


@pytest.fixture
def world(server: RedisServer, backend: RedisBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for script in (SPARING, WRITING):
        source = script.source.decode()
        assert source.count("redis.call('TIME')") == 1
        with_clock = source.replace("redis.call('TIME')", "redis.call('LRANGE', 'clock', 0, 1)")
        monkeypatch.setattr(script, "source", with_clock.encode())
        monkeypatch.setattr(script, "_digest", Script.digest_of(with_clock.encode()))
    with server.client() as client:
        yield World(backend, client)


def fitted(operation: Operation, row: Row | None, alive: Row | None, held: Totals) -> Operation:
    """The operation with the row's version in its conditions, and caps that are near what a write comes to.

    A body of one byte stands for one as large as the row's.
    """
    if isinstance(operation, Put | Update) and operation.body == (b"n",) and row is not None:
        operation = operation._replace(body=(b"n" * row.size,))
    for field in ("if_version", "unless_version"):
        if getattr(operation, field, None) == CURRENT:
            operation = operation._replace(**{field: "" if row is None else row.version})
    if isinstance(operation, Recall | Forget) or operation.bounds.caps is None:
        return operation
    memories, size = operation.bounds.caps
    all_memories = held.memories + (alive is None)
    all_bytes = held.bytes - (0 if alive is None else alive.size) + size_of(operation.body or ())
    caps = Caps(
        None if memories is None else max(0, all_memories + memories),
        None if size is None else max(0, all_bytes + size),
    )
    return operation._replace(bounds=operation.bounds._replace(caps=caps))


def kind_of(operation: Operation, row: Row | None, decided: law.Outcome | StashError) -> str:
    """The outcome's name, to see that every one of them was tried."""
    if isinstance(decided, StashError):
        return "taken" if str(decided) == str(law.taken()) else type(decided).__name__
    if decided.removed:
        return "forgotten"
    if isinstance(operation, Put):
        return "created" if decided.created else "replaced"
    assert row is not None
    names = ["updated"] if decided.body is not None else []
    if isinstance(operation, Recall):
        names = ["read" if decided.reads else "known"]
    return " and ".join(names + ["extended"] * (decided.expires_at_ms > row.expires_at_ms)) or "unchanged"


@pytest.mark.parametrize(("operations", "outcomes"), KINDS.values(), ids=KINDS.keys())
def test_lua_decides_as_the_law_does(
    world: World, operations: st.SearchStrategy[Operation], outcomes: set[str]
) -> None:
    numbers = itertools.count()
    tried: set[str] = set()

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(states, operations, st.booleans())
    def agree(state: State, drawn: Operation, batch: bool) -> None:
        user = f"usr_{next(numbers)}"
        row = world.build(user, state)
        alive = row if state.has_row and row is not None and row.expires_at_ms > NOW else None
        operation = fitted(drawn, row, alive, state.held(exact=True))
        decided: law.Outcome | StashError
        try:
            size = size_of(getattr(operation, "body", None) or ())
            decided = law.decide(operation, row if state.has_row else None, NOW, state, size)
        except StashError as error:
            decided = error
        tried.add(kind_of(operation, row, decided))

        result = world.do(user, operation, batch=batch)

        check_result(result, decided, row)
        check_afterwards(world, user, state, alive, decided)

    agree()
    assert tried == outcomes


def check_result(result: Result, decided: law.Outcome | StashError, row: Row | None) -> None:
    """The engine answered what the law decided."""
    if isinstance(decided, StashError):
        assert type(result) is type(decided)
        assert str(result) == str(decided)
        assert vars(result) == vars(decided)
        assert result is None or not isinstance(result, StashError) or result.__traceback__ is None
        return
    if decided.removed:
        assert result is None
        return
    assert isinstance(result, Record)
    assert (result.expires_at_ms, result.remaining_ms) == (
        decided.expires_at_ms,
        decided.expires_at_ms - NOW,
    )
    assert result.created == decided.created
    if decided.body is not None:
        assert result.size == size_of(decided.body)
        assert row is None or result.version != row.version
    else:
        assert row is not None
        assert (result.size, result.version) == (row.size, row.version)
    expected = b"o" * row.size if decided.reads and row is not None else b""
    assert content(result) == expected


def check_afterwards(
    world: World, user: str, state: State, alive: Row | None, decided: law.Outcome | StashError
) -> None:
    """The record and the user's totals are what the law's outcome makes of them, and unchanged by a refusal."""
    others = [size for size, left_ms in state.others if left_ms > 0]
    found = world.do(user, Recall(ID))
    if isinstance(decided, StashError):
        body, expires_at_ms = (b"", 0) if alive is None else (b"o" * alive.size, alive.expires_at_ms)
    elif decided.removed:
        body, expires_at_ms = b"", 0
    else:
        assert decided.body is not None or alive is not None
        old = b"" if alive is None else b"o" * alive.size
        body = old if decided.body is None else b"".join(map(bytes, decided.body))
        expires_at_ms = decided.expires_at_ms
    if expires_at_ms:
        assert isinstance(found, Record)
        assert (content(found), found.expires_at_ms) == (body, expires_at_ms)
        others.append(len(body))
    else:
        assert isinstance(found, StashError)
        if isinstance(decided, MemoryExpired):
            assert isinstance(found, MemoryExpired)
    assert world.backend.totals(user) == (len(others), sum(others))
    if expires_at_ms:
        # A tombstone that was there before does not come back.
        assert world.do(user, Forget(ID)) is None
        assert isinstance(world.do(user, Recall(ID)), MemoryNotFound)
