"""What can go wrong with a database, said in one sentence without its address, its SQL or anyone's data."""

from enum import Enum

from stash_memory.errors import Applied, StashError, StoreFull, StoreUnavailable


class Fault(Enum):
    """How a driver's error is met. All but LOST say that the statement changed nothing."""

    LOST = "The database cannot be reached; try again soon."
    CONFLICT = "The database was asked for the same thing by too many at once; try again."
    SLOW = "The database took too long; try again soon."
    FULL = "The database has no room for this write, and nothing was stored: free some of its disk."
    REFUSED = "The database refused a statement"


def failure(fault: Fault, applied: Applied, state: str) -> StashError:
    """What to raise for a fault, from the driver's error. `state` is the driver's code of it."""
    if fault is Fault.FULL:
        return StoreFull(fault.value)
    if fault is Fault.REFUSED:
        sentence = f"{fault.value} ({state}): see that its migrations were run and its disk is sound."
        return StoreUnavailable(sentence, applied=applied)
    return StoreUnavailable(fault.value, applied=applied)
