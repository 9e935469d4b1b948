"""The tables: made once, whoever comes first, and read by the index that was meant."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stash_memory.backends.sqlite import SqliteBackend, clearing, leftovers, listing, records, schema
from tests.library.sqlite.children import started, told


def test_many_processes_may_make_the_file_at_once(tmp_path: Path, look: Callable[..., list[Any]]) -> None:
    for attempt in range(5):
        path = tmp_path / str(attempt) / "home" / "memories.db"
        wait, go = os.pipe()

        def first_put(path: Path = path, wait: int = wait, go: int = go) -> str:
            os.close(go)
            os.read(wait, 1)
            return SqliteBackend(path).put("alice", str(os.getpid()), (b"1",), 60_000).version

        children = [started(first_put) for _ in range(6)]
        os.close(wait)
        os.close(go)
        answers = [told(*child) for child in children]
        assert all("answer" in answer for answer in answers), answers
        backend = SqliteBackend(path)
        assert backend.totals("alice").memories == 6
        backend.close()


def test_the_file_says_what_it_is(backend: SqliteBackend, look: Callable[..., list[Any]]) -> None:
    backend.put("alice", "plan", (b"1",), 60_000)
    assert look("PRAGMA user_version") == [(schema.VERSION,)]
    assert look("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert look("PRAGMA journal_mode") == [("wal",)]


def test_a_plain_put_is_one_statement_and_a_get_is_one(backend: SqliteBackend) -> None:
    statements: list[str] = []
    backend._clearing._writes = 0
    backend.put("alice", "plan", (b"1",), 60_000)
    with backend._connections.link() as db:
        db.set_trace_callback(statements.append)
    backend.get("alice", "plan")
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    statements.clear()
    backend.put("alice", "plan", (b"22",), 60_000)
    assert len({statement for statement in statements if not statement.startswith("--")}) == 1


@pytest.mark.parametrize(
    ("query", "values", "index"),
    [
        (records.RECALL, ("a", "b"), "memories_by_id (user=? AND id=?)"),
        (listing._PAGE, ("a", "b", "c", 1, 1), "memories_by_id (user=? AND id>? AND id<?)"),
        (clearing._EXPIRED, ("[]", 1, 1), "memories_by_expiry (user=? AND expires_at<?)"),
        (clearing._USERS, ("a", 1), "COVERING INDEX memories_by_"),
        (leftovers._OLD, ("[]", 1, 1), "tombstones_by_expiry (user=? AND expires_at<?)"),
    ],
)
def test_queries_use_the_index_that_was_meant(
    backend: SqliteBackend, look: Callable[..., list[Any]], query: str, values: tuple[object, ...], index: str
) -> None:
    backend.put("alice", "plan", (b"1",), 60_000)
    plan = " ".join(row[3] for row in look("EXPLAIN QUERY PLAN " + query, *values))
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_totals_read_an_index_alone(backend: SqliteBackend, look: Callable[..., list[Any]]) -> None:
    from stash_memory.backends.sqlite.backend import _TOTALS

    backend.put("alice", "plan", (b"1",), 60_000)
    for query, values in ((_TOTALS, (1,)), (_TOTALS + " AND user = ?", (1, "alice"))):
        (row,) = look("EXPLAIN QUERY PLAN " + query, *values)
        assert "COVERING INDEX memories_by_expiry" in row[3]
