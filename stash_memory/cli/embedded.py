"""A command's memories in this process. What reads them alone imports neither the client nor msgspec."""

from typing import Any

from stash_memory import config
from stash_memory.cli.connection import Text
from stash_memory.client import opening
from stash_memory.client.choice import Choice
from stash_memory.local import USER_ID
from stash_memory.operations import AnyOperation, Recall
from stash_memory.store import Store


class Embedded:
    """See `connection.Connection`. It acts as the local user."""

    tells_for_free = True

    def __init__(self, choice: Choice) -> None:
        self._store = Store(opening.backend(choice))

    def do(self, operation: AnyOperation) -> Any:
        """See Connection.do."""
        from stash_memory.client.embedded import Embedded as Keeper

        return Keeper(self._store, config.limits()).do(operation)

    def text(self, recall: Recall) -> Text:
        """See Connection.text."""
        memory = self._store.do(USER_ID, recall, config.limits())
        return Text(memory.size, memory.data)

    def status(self) -> dict[str, Any]:
        """See Connection.status."""
        live = self._store.totals(USER_ID)
        return {"memories": live.memories, "bytes": live.bytes}

    def close(self) -> None:
        """See Connection.close."""
        self._store.close()
