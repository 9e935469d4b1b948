"""Alice, who owns things, and all who hold a key that must not reach them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx2

from accounts.key_secret import CHECKSUM_CHARACTERS, new_secret
from tests.server_process import ServerProcess

SECRET = "only Alice may see this"
OWNED, IMAGINED = "isolation/owned", "isolation/never"
SCOPE = "scoped/"

# One start of Python makes them all.
CAST = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import ApiKey, User
alice, mallory, suspended = (
    User.objects.create_user(f"{name}@isolation.example", tier_id="enterprise") for name in ("a", "m", "s"))
def issue(user, **fields):
    key, secret = ApiKey.issue(user, **fields)
    return key.public_id, secret
made = dict(owner=issue(alice), mallory=issue(mallory), reader=issue(alice, read_only=True),
            scoped=issue(alice, prefix="scoped/"), revoked=issue(alice), expired=issue(alice),
            suspended=issue(suspended))
ApiKey.objects.get(public_id=made["revoked"][0]).revoke()
past = timezone.now() - timedelta(seconds=1)
ApiKey.objects.filter(public_id=made["expired"][0]).update(expires_at=past)
User.objects.filter(pk=suspended.pk).update(is_active=False)
print(json.dumps(dict(user=alice.public_id, keys=made)))
"""


class Key(NamedTuple):
    """An API key."""

    public_id: str
    secret: str


class Holders(NamedTuple):
    """Alice's public id, and keys by name."""

    user: str
    keys: dict[str, Key]

    @property
    def bad(self) -> dict[str, str | None]:
        """Keys that open nothing: each is refused in the same words."""
        owner = self.keys["owner"].secret
        return {
            "none": None,
            "empty": "",
            "malformed": "sk_live_short",
            "mistyped": owner[:20] + ("a" if owner[20] != "a" else "b") + owner[21:],
            "cut": owner[:-CHECKSUM_CHARACTERS],
            "lengthened": owner + "0",
            "unknown": new_secret(),
            **{name: self.keys[name].secret for name in ("revoked", "expired", "suspended")},
        }


def holders(server: ServerProcess) -> Holders:
    """The cast on this server."""
    made = json.loads(server.shell(CAST))
    return Holders(made["user"], {name: Key(*key) for name, key in made["keys"].items()})


@contextmanager
def owned_by_alice(alice: httpx2.Client) -> Iterator[None]:
    """Inside, she keeps something; whatever is tried meanwhile leaves all of hers as it was."""
    for memory_id in (OWNED, SCOPE + "owned"):
        alice.put(f"/stash/{memory_id}", json={"data": SECRET, "ttl": 3600})
    before = belongings(alice)
    yield
    assert belongings(alice) == before


def belongings(alice: httpx2.Client) -> object:
    """All that she has: memories with their versions and ends, data, and keys."""
    memories = alice.get("/stash", params={"limit": 1000}).json()["memories"]
    recalls = [alice.get(f"/recall/{memory['memory_id']}") for memory in memories]
    keys = {key["id"] for key in alice.get("/keys").json()["keys"]}
    return (
        [(memory["memory_id"], memory["bytes"], memory["expires_at"]) for memory in memories],
        [(recall.headers["ETag"], recall.json()["data"]) for recall in recalls],
        keys,
    )
