"""Django's connections under the SQL engine: transactions, retries, and failures told apart."""

import random
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any

from django.db import Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from stash_memory.backends.sql.database import Answer, Database, Row, Turn, Values
from stash_memory.bucket import Spend
from stash_memory.errors import Applied, StashError, StoreFull, StoreUnavailable

# Each try waits a little longer than the one before it, 0.3 s in all.
TRIES = 8
PAUSE_SECONDS = 0.01


class Fault(Enum):
    """What a driver's error means, in one sentence without an address, SQL or anyone's data.

    All but LOST say that the statement changed nothing.
    """

    LOST = "The database cannot be reached; try again soon."
    CONFLICT = "The database was asked for the same thing by too many at once; try again."
    SLOW = "The database took too long; try again soon."
    FULL = "The database has no room for this write, and nothing was stored: free some of its disk."
    REFUSED = "The database refused a statement"

    def failure(self, applied: Applied, state: str) -> StashError:
        """The error to raise; `state` is the driver's code."""
        if self is Fault.FULL:
            return StoreFull(self.value)
        if self is Fault.REFUSED:
            sentence = f"{self.value} ({state}): see that its migrations were run and its disk is sound."
            return StoreUnavailable(sentence, applied=applied)
        return StoreUnavailable(self.value, applied=applied)


class Stage:
    """How far an attempt went: whether its statements may be applied by now, though no answer came."""

    connected = False
    final = False


class DjangoTurn(Turn):
    """A turn on a connection of Django's. Raises django.db.Error."""

    def __init__(self, database: "DjangoDatabase", connection: BaseDatabaseWrapper) -> None:
        self._database = database
        self._connection = connection

    def rows(self, statement: str, values: Values) -> list[Row]:
        """See Turn."""
        with self._database.cursor(self._connection) as cursor:
            cursor.execute(self._database[statement], values)
            found: list[Row] = cursor.fetchall()
            return found

    def count(self, statement: str, values: Values) -> int:
        """See Turn."""
        with self._database.cursor(self._connection) as cursor:
            cursor.execute(self._database[statement], values)
            touched: int = cursor.rowcount
            return touched


class DjangoDatabase(Database):
    """One of Django's databases, for all threads of the process.

    Between methods no thread keeps a connection to PostgreSQL, and none is inside a transaction, except if the caller
    is inside one of its own: then everything happens within that, and stands or falls with it.
    """

    def __init__(self, using: str) -> None:
        super().__init__()
        self._using = using
        self._closed = False

    @abstractmethod
    def connect(self, connection: BaseDatabaseWrapper) -> None:
        """Makes sure that the connection works. Raises django.db.Error, and then nothing was sent."""

    @abstractmethod
    def let_go(self, connection: BaseDatabaseWrapper) -> None:
        """After a method: nobody may keep the database waiting while a slow client reads."""

    @abstractmethod
    def cursor(self, connection: BaseDatabaseWrapper) -> Any:
        """A cursor of the connection, to be closed."""

    @abstractmethod
    def fault(self, error: Exception) -> tuple[Fault, str]:
        """The meaning of a django.db.Error, and the driver's code."""

    def read(self, work: Callable[[Turn], Answer]) -> Answer:
        """See Database."""
        return self._patiently(lambda connection, _: work(DjangoTurn(self, connection)))

    def act(self, work: Callable[[Turn], Answer]) -> Answer:
        """See Database."""

        def attempt(connection: BaseDatabaseWrapper, stage: Stage) -> Answer:
            stage.final = True
            return work(DjangoTurn(self, connection))

        return self._patiently(attempt)

    def transact(self, work: Callable[[Turn], Answer], spend: Spend | None = None) -> Answer:
        """See Database."""
        undecided = spend is not None and spend.bucket is None

        def attempt(connection: BaseDatabaseWrapper, stage: Stage) -> Answer:
            decided: StashError | None = None
            if spend is not None and undecided:
                spend.bucket = None
            with transaction.atomic(using=self._using):
                try:
                    answer = work(DjangoTurn(self, connection))
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

    def _patiently(self, attempt: "Callable[[BaseDatabaseWrapper, Stage], Answer]") -> Answer:
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
                fault, state = self.fault(error)
                unknown = fault is Fault.LOST and stage.final
                if fault is Fault.LOST and stage.connected and not unknown and not lost and not inside:
                    lost = True
                    continue
                if fault is Fault.CONFLICT and tries < TRIES and not inside:
                    time.sleep(random.uniform(0, PAUSE_SECONDS * tries))  # noqa: S311
                    continue
                raise fault.failure("unknown" if unknown else False, state) from error

    @contextmanager
    def _borrowed(self, connection: BaseDatabaseWrapper, stage: Stage) -> Iterator[None]:
        if self._closed:
            raise StoreUnavailable("The store was closed by this process.")
        if connection.in_atomic_block:
            stage.connected = True
            yield
            return
        try:
            self.connect(connection)
            stage.connected = True
            yield
        finally:
            with suppress(Error):
                self.let_go(connection)
