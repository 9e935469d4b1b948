"""Keys in the order of their descent, as a tree is read."""

from collections.abc import Iterable
from typing import NamedTuple

from accounts.models import ApiKey


class Member(NamedTuple):
    """A key, and how many of its ancestors stand above it."""

    key: ApiKey
    level: int


def families(keys: Iterable[ApiKey]) -> list[Member]:
    """Each key, followed by its children; those whose parents are not among the keys stand at the left."""
    children: dict[int | None, list[ApiKey]] = {}
    known = {key.pk: key for key in keys}
    for key in known.values():
        children.setdefault(key.parent_id if key.parent_id in known else None, []).append(key)
    members: list[Member] = []
    waiting = [Member(key, 0) for key in reversed(children.get(None, []))]
    while waiting:
        member = waiting.pop()
        members.append(member)
        waiting += [Member(key, member.level + 1) for key in reversed(children.get(member.key.pk, []))]
    return members
