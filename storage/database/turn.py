"""A thread's turn with the database: one statement, or the transaction that several share."""

import zlib
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from storage.database.dialect import Dialect

Row = tuple[Any, ...]
Values = dict[str, Any]


# Longer ones have values by the hundred, and are seldom the same twice.
KEPT_LENGTH = 2000


class Statements:
    """Statements as the database wants them: their {words} replaced, each once."""

    def __init__(self, dialect: Dialect) -> None:
        self._words = dialect.words
        self._known: dict[str, str] = {}

    def __getitem__(self, template: str) -> str:
        known = self._known.get(template)
        if known is None:
            known = template.format_map(self._words)
            if len(template) < KEPT_LENGTH:
                self._known[template] = known
        return known


class Turn:
    """`rows` and `count` run a statement, whose values are %(named)s. Raise django.db.Error.

    `now_us` and `now_ms`, since the epoch on the database's clock, are as new as the last `tell_time`.
    """

    now_us: int
    now_ms: int

    def __init__(self, connection: BaseDatabaseWrapper, dialect: Dialect, statements: Statements) -> None:
        self._connection = connection
        self.dialect = dialect
        self._statements = statements

    def rows(self, statement: str, values: Values) -> list[Row]:
        """Every row that the statement answers with."""
        with self.dialect.cursor(self._connection) as cursor:
            cursor.execute(self._statements[statement], values)
            found: list[Row] = cursor.fetchall()
            return found

    def row(self, statement: str, values: Values) -> Row | None:
        """The one row, if there is one."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def count(self, statement: str, values: Values) -> int:
        """How many rows the statement touched."""
        with self.dialect.cursor(self._connection) as cursor:
            cursor.execute(self._statements[statement], values)
            touched: int = cursor.rowcount
            return touched

    def tell_time(self, now_us: int | None = None) -> int:
        """Sets the clock by what a statement brought along, or asks. Returns milliseconds."""
        if now_us is None:
            [(now_us,)] = self.rows("SELECT {now_us}", {})
        self.now_us, self.now_ms = now_us, now_us // 1000
        return self.now_ms


def lock_number(user: str) -> int:
    """The number of the user's lock: 32 bits, signed, the same in every process. Two users may share one."""
    number = zlib.crc32(user.encode())
    return number - (1 << 32) if number >= 1 << 31 else number


def pairs(values: Values, rows: list[tuple[str, str]]) -> str:
    """(VALUES ...) of users and ids, whose values it puts into `values`."""
    for number, (user, name) in enumerate(rows):
        values[f"u{number}"], values[f"i{number}"] = user, name
    return "(VALUES " + ", ".join(f"(%(u{n})s, %(i{n})s)" for n in range(len(rows))) + ")"


def listed(values: Values, name: str, items: list[str]) -> str:
    """(...) of the items, which it puts into `values`."""
    for number, item in enumerate(items):
        values[f"{name}{number}"] = item
    return "(" + ", ".join(f"%({name}{n})s" for n in range(len(items))) + ")"
