"""The tables: made once, whoever comes first, and read by the index that was meant."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stash_memory.backends.sql import statements
from stash_memory.backends.sqlite import file, schema
from tests.backends import SqliteBackend
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
    ("query", "index"),
    [
        (file.RECALL, "memories_by_id (user=? AND id=?)"),
        (file.HEAD, "memories_by_id (user=? AND id=?)"),
        (statements.PAGE, "memories_by_id (user=? AND id>? AND id<?)"),
        (statements.BATCH, "memories_by_id (user=? AND id>? AND id<?)"),
        (file.EXPIRED, "memories_by_expiry (user=? AND expires_at<?)"),
        (file.USERS, "COVERING INDEX memories_by_"),
        (file.File.old_tombstones, "tombstones_by_expiry (user=? AND expires_at<?)"),
    ],
)
def test_queries_use_the_index_that_was_meant(backend: SqliteBackend, query: str, index: str) -> None:
    backend.put("alice", "plan", (b"1",), 60_000)
    plan = planned(backend, query)
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_totals_read_an_index_alone(backend: SqliteBackend) -> None:
    backend.put("alice", "plan", (b"1",), 60_000)
    for query in (statements.TOTALS, statements.TOTALS_OF_ONE):
        plan = planned(backend, query)
        assert "COVERING INDEX memories_by_expiry" in plan


def planned(backend: SqliteBackend, query: str) -> str:
    """How SQLite would find the rows. The planner looks at no value, so any will do."""
    spelled = re.sub(r":\w+|\?", "NULL", backend._database[query])
    with backend._connections.link() as db:
        return " ".join(row[3] for row in db.execute("EXPLAIN QUERY PLAN " + spelled))
