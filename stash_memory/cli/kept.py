"""What a memory that was kept or changed is answered with."""

from stash_memory.cli import measures, output
from stash_memory.client.memory import Memory


def show(memory: Memory, for_people: bool) -> None:
    """Its id, seconds left, expiry and version; for people the first three, in words."""
    if for_people:
        left = output.coloured(measures.duration(memory.ttl), output.GREEN)
        local = memory.expires_at.astimezone()
        output.line(
            f"{output.coloured(memory.memory_id, output.BOLD)} lives {left}, until {local:%Y-%m-%d %X %Z}"
        )
    else:
        output.document(
            {
                "memory_id": memory.memory_id,
                "ttl": memory.ttl,
                "expires_at": f"{memory.expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "version": memory.version,
            }
        )
