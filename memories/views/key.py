"""API keys over HTTP: minted, listed and revoked by those who hold one."""

from typing import Any, cast

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.account import Account
from accounts.key_tree import ChildKey, listed, mint, revoke
from accounts.models import ApiKey
from memories.body import read_fields
from memories.fields import decoded, given, read_key
from memories.responses import empty_response, json_response
from memories.throttle import charge
from memories.views.viewset import ApiViewSet
from stash_memory.times import iso_of


class KeyViewSet(ApiViewSet):
    """What a key may do with keys is decided in accounts/key_tree.py: read-only is about memories.

    No storage step follows, so the token is spent first.
    """

    judges_scope = True

    def mint(self, request: Request) -> HttpResponse:
        """A key for a sub-agent, no wider than the one that asks; its secret is shown this once."""
        fields = decoded(read_fields(request), read_key)
        child = ChildKey(
            name=given(fields.name) or "",
            read_only=given(fields.read_only),
            prefix=given(fields.prefix),
            expires_in=given(fields.expires_in),
        )
        charge(request)
        key, secret = mint(account_of(request), child)
        request.operation.succeeded("key_created", key_id=key.public_id)
        return json_response(201, {"id": key.public_id, "key": secret, **scope_of(key)})

    def list(self, request: Request) -> HttpResponse:
        """The live keys that the one that asks may see, without their secrets, the newest first."""
        charge(request)
        keys = [described(key) for key in listed(account_of(request))]
        request.operation.succeeded("keys_listed")
        return json_response(200, {"keys": keys})

    def revoke(self, request: Request, key_id: str) -> HttpResponse:
        """Ends a key and all that descend from it."""
        charge(request)
        revoke(account_of(request), key_id)
        request.operation.succeeded("key_revoked", key_id=key_id)
        return empty_response(204)


def account_of(request: Request) -> Account:
    """The account behind the request's key (the stubs know only of DRF's own tokens)."""
    return cast(Account, request.auth)


def scope_of(key: ApiKey) -> dict[str, Any]:
    """What a key was made with."""
    return {
        "name": key.name,
        "read_only": key.read_only,
        "prefix": key.prefix,
        "expires_at": key.expires_at and iso_of(key.expires_at),
        "parent": key.parent and key.parent.public_id,
    }


def described(key: ApiKey) -> dict[str, Any]:
    """A key, told from others by the beginning of its secret."""
    return {
        "id": key.public_id,
        "visible_part": key.visible_part,
        **scope_of(key),
        "created_at": iso_of(key.created_at),
        "last_used": key.last_used_at and iso_of(key.last_used_at),
    }
