"""The operations: one immutable value from the edge to the engine, one module for each verb.

A view, a batch, the library and the command line build the same class. `check` judges its shape, `bound` holds it to a
user's limits, a backend performs it, and `verb` says how HTTP, the log, the usage and the OpenAPI document know it.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from stash_memory.errors import StashError
from stash_memory.operations.forget import Forget, ForgetPrefix
from stash_memory.operations.listing import ListPage
from stash_memory.operations.put import Put
from stash_memory.operations.recall import Recall
from stash_memory.operations.stash import Stash
from stash_memory.operations.update import Update
from stash_memory.operations.verb import Verb
from stash_memory.records import Record

__all__ = [
    "MOST_IN_ONE",
    "SINGLES",
    "VERBS",
    "AnyOperation",
    "Batch",
    "Forget",
    "ForgetPrefix",
    "ListPage",
    "Operation",
    "Put",
    "Recall",
    "Result",
    "Single",
    "Stash",
    "Update",
    "Verb",
]

# An engine performs these; each is about one memory that has an id.
Operation: TypeAlias = Put | Recall | Update | Forget
Result: TypeAlias = Record | StashError | None

# A batch may hold these.
Single: TypeAlias = Stash | Operation
SINGLES: tuple[type[Single], ...] = (Stash, Put, Recall, Update, Forget)
# The most of them in one batch.
MOST_IN_ONE = 100


class Batch(NamedTuple):
    """At most 100 operations in one request; each has its result, and one that fails does not fail the rest."""

    operations: Sequence[Single]


AnyOperation: TypeAlias = Single | ListPage | ForgetPrefix
# The table of verbs, those first that are asked most.
VERBS: tuple[type[AnyOperation], ...] = (*SINGLES, ListPage, ForgetPrefix)
