"""The fast paths of a SQL engine answer as its general way does."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stash_memory.backends.sql import statements
from stash_memory.backends.sql.backend import SqlBackend
from stash_memory.backends.sql.chunks import Stored
from stash_memory.backends.sql.database import Turn
from stash_memory.backends.sqlite.file import File
from stash_memory.bucket import Spend
from stash_memory.errors import MemoryExpired, StashError
from stash_memory.operations import Forget, Operation, Put, Recall, Result, Update
from stash_memory.records import Bounds, Record
from tests.contract.engines import HandClock

BOUNDS = Bounds(default_ttl_ms=50, max_ttl_ms=200)
ids = st.sampled_from(["a", "b", "a/b"])
bodies = st.sampled_from([(b"1",), (b"12", b"345"), (b"",)])
lives = st.sampled_from([None, 1, 30, 100])
operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(Recall, ids),
    st.builds(Put, ids, bodies, lives, bounds=st.just(BOUNDS)),
    st.builds(Put, ids, bodies, lives, if_absent=st.booleans(), bounds=st.just(BOUNDS)),
    st.builds(Update, ids, bodies, st.none() | st.just(20), bounds=st.just(BOUNDS)),
    st.builds(Forget, ids),
)
steps = st.lists(st.tuples(operations, st.sampled_from([0, 1, 29, 60])), min_size=1, max_size=12)


class General(File):
    """The file without its fast paths."""

    def recall(self, user: str, recall: Recall, spend: Spend | None) -> Record:
        def work(turn: Turn) -> tuple[object, int | None]:
            values = {"user": user, "id": recall.id, "unless": recall.unless_version}
            return turn.row(statements.RECALL, values), self.expired_at_ms(turn, user, recall.id)

        row, expired_at_ms = self.transact(work)
        if row is None and expired_at_ms is not None:
            raise MemoryExpired(expired_at_ms)
        return self.record(recall, row)  # type: ignore[arg-type]

    def put_plainly(self, user: str, put: Put, body: Stored, spend: Spend | None) -> Record | None:
        return None


def seen(result: Result) -> object:
    """What a caller sees of a result; versions are random."""
    if isinstance(result, Record):
        body = b"".join(result.body)
        return body, result.size, result.expires_at_ms, result.remaining_ms, result.created
    if isinstance(result, StashError):
        return type(result), result.detail, getattr(result, "expired_at_ms", None)
    return result


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HandClock, SqlBackend, SqlBackend]]:
    """One clock, and an engine with its fast paths and one without."""
    folder, clock = tmp_path_factory.mktemp("files"), HandClock()
    fast = SqlBackend(File(str(folder / "fast.db"), clock))
    general = SqlBackend(General(str(folder / "general.db"), clock))
    for backend in (fast, general):
        # A clearing comes by chance, and turns an expired row into a tombstone.
        backend._clearing._writes = -1_000_000
    yield clock, fast, general
    fast.close()
    general.close()


users = itertools.count()


@settings(max_examples=100, deadline=None)
@given(steps=steps)
def test_they_answer_alike(
    pair: tuple[HandClock, SqlBackend, SqlBackend], steps: list[tuple[Operation, int]]
) -> None:
    clock, fast, general = pair
    user = f"user {next(users)}"
    for operation, wait_ms in steps:
        assert seen(fast.do(user, [operation])[0]) == seen(general.do(user, [operation])[0])
        clock.at_ns += wait_ms * 1_000_000
