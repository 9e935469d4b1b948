"""API keys over HTTP: minted, listed and revoked by those who hold one."""

from typing import cast

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.account import Account
from accounts.key_tree import ChildKey, mint, revoke
from accounts.key_tree import listed as visible_keys
from memories.body import read_fields
from memories.json_body import decoded, given
from memories.key_json import KeyList, listed, minted, read_key
from memories.responses import empty_response, json_response
from memories.throttle import charge
from memories.views.viewset import ApiViewSet


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
        request.trace.succeeded("key_created", key_id=key.public_id)
        return json_response(201, minted(key, secret))

    def list(self, request: Request) -> HttpResponse:
        """The live keys that the one that asks may see, without their secrets, the newest first."""
        charge(request)
        document: KeyList = {"keys": [listed(key) for key in visible_keys(account_of(request))]}
        request.trace.succeeded("keys_listed")
        return json_response(200, document)

    def revoke(self, request: Request, key_id: str) -> HttpResponse:
        """Ends a key and all that descend from it."""
        charge(request)
        revoke(account_of(request), key_id)
        request.trace.succeeded("key_revoked", key_id=key_id)
        return empty_response(204)


def account_of(request: Request) -> Account:
    """The account behind the request's key (the stubs know only of DRF's own tokens)."""
    return cast(Account, request.auth)
