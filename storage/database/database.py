"""The database: its connections, its transactions, and its failures told apart."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from storage.database.dialect import dialect_of
from storage.database.faults import Fault, failure
from storage.database.turn import Row, Statements, Turn, Values

# Each waits a little longer than the one before it, 0.3 s in all.
TRIES = 8
PAUSE_SECONDS = 0.01

Answer = TypeVar("Answer")
Attempt = Callable[[BaseDatabaseWrapper, "Stage"], Answer]


class Stage:
    """How far an attempt went: whether what it sent may be applied by now, though no answer came."""

    connected = False
    final = False


class Database:
    """One of Django's databases, for all threads of the process.

    Between methods no thread keeps a connection to PostgreSQL, and none is inside a transaction, except where the
    caller is inside one of its own: then all happens within that, and stands or falls with it.
    """

    def __init__(self, using: str, clock: Callable[[], int]) -> None:
        self._using = using
        self.dialect = dialect_of(connections[using], clock)
        self._statements = Statements(self.dialect)
        self._closed = False

    def ask(self, statement: str, values: Values) -> list[Row]:
        """Reads, in one statement. Raises StoreUnavailable."""
        return self.read(lambda turn: turn.rows(statement, values))

    def read(self, work: Callable[[Turn], Answer]) -> Answer:
        """Does `work`, which reads with one statement. Raises StoreUnavailable."""
        return self._patiently(lambda connection, _: work(self._turn(connection)))

    def act(self, work: Callable[[Turn], Answer]) -> Answer:
        """Does `work`, which writes with one statement, its own transaction. Raises StoreUnavailable, StoreFull."""

        def attempt(connection: BaseDatabaseWrapper, stage: Stage) -> Answer:
            stage.final = True
            return work(self._turn(connection))

        return self._patiently(attempt)

    def transact(self, work: Callable[[Turn], Answer], spend: Spend | None = None) -> Answer:
        """Does `work` in one transaction, and again from its start where that changed nothing.

        Committed also when what it decided is raised (a memory that is not there, a version that is not the
        current one), for the token that it spent stays spent. Rolled back on any other error.
        """
        undecided = spend is not None and spend.bucket is None

        def attempt(connection: BaseDatabaseWrapper, stage: Stage) -> Answer:
            decided: StashError | None = None
            if spend is not None and undecided:
                spend.bucket = None
            with transaction.atomic(using=self._using):
                try:
                    answer = work(self._turn(connection))
                except (StoreFull, StoreUnavailable):
                    raise
                except StashError as error:
                    decided = error
                stage.final = True
            if decided is not None:
                raise decided
            return answer

        return self._patiently(attempt)

    def close(self) -> None:
        """Lets go of this thread's connection; from then on every method raises StoreUnavailable."""
        self._closed = True
        connection = connections[self._using]
        if not connection.in_atomic_block:
            connection.close()

    def _turn(self, connection: BaseDatabaseWrapper) -> Turn:
        return Turn(connection, self.dialect, self._statements)

    def _patiently(self, attempt: "Attempt[Answer]") -> Answer:
        tries, lost = 0, False
        while True:
            tries += 1
            stage = Stage()
            connection = connections[self._using]
            inside = connection.in_atomic_block
            try:
                with self._borrowed(connection, stage):
                    return attempt(connection, stage)
            except Error as error:
                fault, state = self.dialect.fault(error)
                unknown = fault is Fault.LOST and stage.final
                if fault is Fault.LOST and stage.connected and not unknown and not lost and not inside:
                    lost = True
                    continue
                if fault is Fault.CONFLICT and tries < TRIES and not inside:
                    time.sleep(random.uniform(0, PAUSE_SECONDS * tries))  # noqa: S311
                    continue
                raise failure(fault, "unknown" if unknown else False, state) from error

    @contextmanager
    def _borrowed(self, connection: BaseDatabaseWrapper, stage: Stage) -> Iterator[None]:
        if self._closed:
            raise StoreUnavailable("The store was closed by this process.")
        if connection.in_atomic_block:
            stage.connected = True
            yield
            return
        try:
            self.dialect.connect(connection)
            stage.connected = True
            yield
        finally:
            with suppress(Error):
                self.dialect.let_go(connection)
