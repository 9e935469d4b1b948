"""Users who keep nothing yet: for tests that count what a user keeps, or that fill what a user may."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tests.server_process import ServerProcess

# One start of Python makes all the users that the tests of one server need.
TROUPE = """
import json
from uuid import uuid4
from accounts.models import ApiKey, Tier, User
tier, _ = Tier.objects.get_or_create(name="capped", defaults=dict(
    payload_bytes=1_048_576, default_ttl=3_600, max_ttl=3_600, max_memories=8, max_bytes=4_000))
def key(number, tier):
    user = User.objects.create_user(f"{uuid4().hex}@troupe.example", tier_id=tier)
    return ApiKey.issue(user)[1], user.public_id
print(json.dumps({tier: [key(number, tier) for number in range(30)] for tier in ("enterprise", "capped")}))
"""


class Member(NamedTuple):
    """A user, by a key and a public id."""

    key: str
    user: str


def troupe_of(server: ServerProcess) -> dict[str, Iterator[Member]]:
    """Thirty users of each tier: `enterprise`, which has no limits, and `capped`."""
    made = json.loads(server.shell(TROUPE))
    return {tier: iter([Member(*member) for member in members]) for tier, members in made.items()}
