"""The operations of `many`, each done by the method that it is named after."""

from stash_memory.backends.base import Backend, Delete, Get, Operation, Put, Result, Update
from stash_memory.errors import StashError


def perform(backend: Backend, user: str, operation: Operation) -> Result:
    """The operation's record, None (of a delete), or the error that it raised."""
    try:
        match operation:
            case Get():
                return backend.get(user, **operation._asdict())
            case Put():
                return backend.put(user, **operation._asdict())
            case Update():
                return backend.update(user, **operation._asdict())
            case Delete():
                backend.delete(user, **operation._asdict())
                return None
    except StashError as error:
        # A traceback would keep this call's frames, and the bodies in them, for as long as the error.
        return error.with_traceback(None)
