"""The one refusal that never reaches a client: whoever asked for it knows where else to go."""

from stash_memory.errors import PreconditionFailed


class Closed(PreconditionFailed):
    """There is no memory with this id, and no new ones are taken here any more."""
