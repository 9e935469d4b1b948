"""A database under the SQL engine: its words, and how it runs statements. DuckDB would be one more."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from stash_memory.backends.sql import statements
from stash_memory.backends.sql.chunks import Stored, read_chunks
from stash_memory.bucket import Spend, take
from stash_memory.errors import StashError
from stash_memory.law import missing
from stash_memory.operations import Put, Recall, Result
from stash_memory.records import Body, Record, Totals

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = dict[str, Any]
Answer = TypeVar("Answer")

# Longer statements have values by the hundred, and are seldom the same twice.
KEPT_LENGTH = 2000


class Turn(ABC):
    """One statement, or the transaction that several share; `now_us` and `now_ms` are on the database's clock.

    They are as new as the last `tell_time`. `rows` and `count` raise the driver's errors.
    """

    now_us: int
    now_ms: int

    @abstractmethod
    def rows(self, statement: str, values: Values) -> list[Row]:
        """Every row that the statement answers with."""

    @abstractmethod
    def count(self, statement: str, values: Values) -> int:
        """How many rows the statement touched."""

    def row(self, statement: str, values: Values) -> Row | None:
        """The one row, if there is one."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def tell_time(self, now_us: int | None = None) -> int:
        """Sets the clock by a statement's answer, or asks. Returns milliseconds."""
        if now_us is None:
            [(now_us,)] = self.rows("SELECT {now_us}", {})
        self.now_us, self.now_ms = now_us, now_us // 1000
        return self.now_ms


class Desk:
    """One user inside a transaction: what the law asks about, and what the transaction changes.

    `counted`: there is a row of usage to keep true. It counts expired records that are not cleared, too.
    """

    def __init__(self, database: "Database", turn: Turn, user: str, usage: Row | None) -> None:
        self.database = database
        self.turn = turn
        self.user = user
        self.counted = usage is not None
        self.memories, self.bytes = usage or (0, 0)
        self.more_memories = self.more_bytes = 0

    def expired_at_ms(self, id: str) -> int | None:
        """See `stash_memory.law.Books`."""
        return self.database.expired_at_ms(self.turn, self.user, id)

    def held(self, *, exact: bool) -> Totals:
        """See Books. Subtracting expired records from an index says the same as clearing them here would."""
        if not exact:
            return Totals(self.memories, self.bytes)
        values = {"user": self.user, "now_ms": self.turn.now_ms}
        [(memories, size)] = self.turn.rows(statements.EXPIRED_USAGE, values)
        return Totals(self.memories - memories, self.bytes - size)

    def change(self, memories: int, size: int) -> None:
        """Notes how many records and bytes more there are."""
        self.memories += memories
        self.bytes += size
        self.more_memories += memories
        self.more_bytes += size


class Database(ABC):
    """What the SQL engine asks of a database; every method may raise StoreUnavailable, writes StoreFull.

    `words` replace {words} in statements. `batch_rows`: the most that one transaction of a long piece of work removes.
    """

    words: dict[str, str]
    batch_rows: int
    old_tombstones = statements.OLD_TOMBSTONES

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __getitem__(self, template: str) -> str:
        """The statement as this database takes it."""
        known = self._known.get(template)
        if known is None:
            known = self.spelled(template.format_map(self.words))
            if len(template) < KEPT_LENGTH:
                self._known[template] = known
        return known

    def spelled(self, statement: str) -> str:
        """The statement with the driver's form of %(names)s."""
        return statement

    @abstractmethod
    def read(self, work: Callable[[Turn], Answer]) -> Answer:
        """Does `work`, which reads one state of the database."""

    @abstractmethod
    def act(self, work: Callable[[Turn], Answer]) -> Answer:
        """Does `work`, which writes with one statement, its own transaction."""

    @abstractmethod
    def transact(self, work: Callable[[Turn], Answer], spend: Spend | None = None) -> Answer:
        """Does `work` in one transaction, and again from its start if that changed nothing.

        Committed also if it raises a decision (a missing memory, another version): the token that it spent stays spent.
        Rolled back on any other error.
        """

    @abstractmethod
    def let_others(self) -> None:
        """Between two transactions of a long piece of work: pauses as long as writers need to come in."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of connections; from then on every method raises StoreUnavailable."""

    @abstractmethod
    def clear(self, user: str | None, rows: int) -> tuple[int, int]:
        """Clears one batch of expired records, those of `user` among the first: how many, and their bytes."""

    def any_due(self) -> bool:
        """Whether any expired record is not cleared."""
        return bool(self.ask(statements.ANY_DUE, {}))

    @abstractmethod
    def hold_chunks(self, turn: Turn, version: str) -> bool:
        """Notes that a record holds the chunks, inside its transaction; whether they were still there."""

    def release_chunks(self, turn: Turn, versions: Sequence[str]) -> None:
        """Notes that no record holds the chunks any more, inside the transaction that removes it."""
        # A database with triggers has nothing to do here, nor in `leave`.
        return

    def expired_at_ms(self, turn: Turn, user: str, id: str) -> int | None:
        """When the memory of an id without a row expired, if that is remembered apart from rows."""
        return None

    def ask(self, statement: str, values: Values) -> list[Row]:
        """The rows of one SELECT."""
        return self.read(lambda turn: turn.rows(statement, values))

    def charge(self, turn: Turn, user: str, spend: Spend | None, *, some: bool = False) -> None:
        """Decides `spend` if it is undecided. Raises RateLimited, having written nothing."""
        if spend is None or spend.bucket is not None:
            return
        [(full_at_us, now_us)] = turn.rows(statements.BUCKET, {"user": user})
        full_at_us, bucket = take(full_at_us or 0, now_us, spend, some=some)
        if bucket.granted:
            values = {"user": user, "full_at_us": full_at_us, "granted": bucket.granted}
            turn.count(statements.FILL_BUCKET, values)
        spend.settle(bucket)

    def enter(
        self, turn: Turn, user: str, spend: Spend | None, *, capped: bool = False, alone: bool = False
    ) -> Desk:
        """Charges, and takes the user's lock before any record's; `capped` begins to count if nobody did yet.

        `alone`: no other writer of the user's may be inside meanwhile. Raises RateLimited.
        """
        self.charge(turn, user, spend)
        usage = turn.row(statements.USAGE, {"user": user}) if capped else None
        if capped and usage is None:
            usage = turn.row(statements.START_USAGE, {"user": user})
        return Desk(self, turn, user, usage)

    def leave(self, desk: Desk) -> None:
        """Writes down what the transaction changed in the user's usage."""
        return

    def head(self, turn: Turn, user: str, id: str) -> Row | None:
        """The row without its body, locked until the transaction ends, and the clock told once it is locked.

        Expiry, size, version, chunks, and whether it is cleared; None if there is no row.
        """
        [(now_us, *columns)] = turn.rows(statements.HEAD, {"user": user, "id": id})
        turn.tell_time(now_us)
        return None if columns[0] is None else tuple(columns)

    def recall(self, user: str, recall: Recall, spend: Spend | None) -> Record:
        """Reads a record: one statement, or with an undecided spend one transaction. Raises StashError."""
        if spend is None or spend.bucket is not None:
            return self.read(lambda turn: self.recall_in(turn, user, recall))

        def work(turn: Turn) -> Record:
            self.charge(turn, user, spend)
            return self.recall_in(turn, user, recall)

        return self.transact(work, spend)

    def recall_in(self, turn: Turn, user: str, recall: Recall) -> Record:
        """Reads a record within a turn. Raises MemoryMissing."""
        values = {"user": user, "id": recall.id, "unless": recall.unless_version}
        return self.record(recall, turn.row(statements.RECALL, values))

    def recall_many(self, turn: Turn, user: str, recalls: Sequence[Recall]) -> list[Result]:
        """Reads several records on one state of the database; each has its record or its error."""
        results: list[Result] = []
        for recall in recalls:
            try:
                results.append(self.recall_in(turn, user, recall))
            except StashError as error:
                results.append(error.with_traceback(None))
        return results

    def record(self, recall: Recall, row: Row | None) -> Record:
        """The record in a row of RECALL. Raises MemoryMissing."""
        if row is None or row[1] is None:
            raise missing(None, 0)
        now_us, expires_at_ms, size, version, chunks, inline = row
        remaining_ms = expires_at_ms - now_us // 1000
        if remaining_ms <= 0:
            raise missing(expires_at_ms, now_us // 1000)
        body: Any = ()
        if version != recall.unless_version:
            body = read_chunks(self, version, chunks) if chunks else (inline or b"",)
        return Record(body, size, version, expires_at_ms, remaining_ms)

    def put_plainly(self, user: str, put: Put, body: Stored, spend: Spend | None) -> Record | None:
        """Writes a small record in one statement, if nothing but a token is decided first; None if it cannot."""
        return None


def stored_values(user: str, id: str, expires_at_ms: int, body: Stored) -> Values:
    """The values of a row."""
    return {
        "user": user,
        "id": id,
        "expires_at_ms": expires_at_ms,
        "size": body.size,
        "version": body.version,
        "chunks": body.chunks,
        "body": body.inline,
    }


def listed(values: Values, name: str, items: Sequence[str]) -> str:
    """(...) of the items, which it puts into `values`."""
    values |= {f"{name}{number}": item for number, item in enumerate(items)}
    return "(" + ", ".join(f"%({name}{number})s" for number in range(len(items))) + ")"


def pairs(values: Values, rows: Sequence[tuple[str, str]]) -> str:
    """(VALUES ...) of users and ids, which it puts into `values`."""
    for number, (user, name) in enumerate(rows):
        values[f"u{number}"], values[f"i{number}"] = user, name
    return "(VALUES " + ", ".join(f"(%(u{n})s, %(i{n})s)" for n in range(len(rows))) + ")"


def body_of(operation: object) -> Body | None:
    """The data that an operation writes, if it writes any."""
    return getattr(operation, "body", None)
