"""What a Stash needs of whatever keeps its memories: in this process, in a thread, or over HTTP."""

from typing import Any, Protocol

from stash_memory.client.calls import Call


class Keeper(Protocol):
    """Makes calls and answers them as `calls` says. Threads, and a process's forked children, may share it."""

    def read(self, memory_id: str) -> Any:
        """The data alone."""
        ...

    def do(self, call: Call) -> Any:
        """The call's answer. Raises StashError, and nothing else."""
        ...

    def close(self) -> None:
        """Lets go of files and connections."""
        ...


class AsyncKeeper(Protocol):
    """The same, awaited."""

    async def read(self, memory_id: str) -> Any:
        """The data alone."""
        ...

    async def do(self, call: Call) -> Any:
        """The call's answer. Raises StashError, and nothing else."""
        ...

    async def close(self) -> None:
        """Lets go of files and connections."""
        ...
