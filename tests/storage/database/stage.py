"""A database backend, and the means to look behind its back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from tests.backends import DatabaseBackend
from tests.contract.engines import Engine


class Stage:
    """`backend` on the engine's clock; `rows` asks its database."""

    def __init__(self, engine: Engine) -> None:
        assert isinstance(engine.backend, DatabaseBackend)
        self.engine = engine
        self.backend = engine.backend
        self.alias = engine.backend._database._using

    def advance(self, ms: int) -> None:
        """Lets so many milliseconds pass."""
        self.engine.advance(ms)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        try:
            with connections[self.alias].cursor() as cursor:
                cursor.execute(sql)
                return [tuple(row) for row in cursor.fetchall()]
        finally:
            if connections[self.alias].vendor == "postgresql":
                connections[self.alias].close()

    def count(self, table: str, where: str = "TRUE") -> int:
        """How many such rows there are."""
        return int(self.rows(f"SELECT count(*) FROM memories_{table} WHERE {where}")[0][0])

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements that this thread sends meanwhile, without BEGIN and COMMIT."""
        sent: list[str] = []

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            sent.append(sql)
            return execute(sql, params, many, context)

        with connections[self.alias].execute_wrapper(note):
            yield sent

    def assert_usage_is_true(self) -> None:
        """The counters say what a count of the records says."""
        counted = {
            user: (memories, size)
            for user, memories, size in self.rows("SELECT user_id, memories, bytes FROM memories_usage")
        }
        for user, memories, size in self.rows(
            "SELECT user_id, count(*), sum(size) FROM memories_record WHERE NOT cleared GROUP BY user_id"
        ):
            if user in counted:
                assert counted.pop(user) == (memories, int(size)), user
        assert all(left == (0, 0) for left in counted.values())
