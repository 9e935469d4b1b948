"""What a Stash needs of whatever keeps its memories: in this process, in a thread, or over HTTP."""

from typing import Any, Protocol

from stash_memory.operations import AnyOperation, Batch


class Keeper(Protocol):
    """Does operations. Threads, and a process's forked children, may share it."""

    def read(self, memory_id: str) -> Any:
        """The data alone."""
        ...

    def do(self, operation: AnyOperation | Batch) -> Any:
        """The operation's answer: a Memory, None of a forget, a Page, how many a prefix forgot, a batch's results.

        Raises StashError, and nothing else.
        """
        ...

    def close(self) -> None:
        """Lets go of files and connections."""
        ...


class AsyncKeeper(Protocol):
    """The same, awaited."""

    async def read(self, memory_id: str) -> Any:
        """The data alone."""
        ...

    async def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        ...

    async def close(self) -> None:
        """Lets go of files and connections."""
        ...
