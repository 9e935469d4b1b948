"""Many memories at once, by the beginning of their ids."""

from django.http import HttpResponse
from rest_framework.request import Request

from memories.documents import forgotten, listing_page
from memories.query import number, query
from memories.responses import json_response
from memories.store import store_for
from stash_memory.errors import InvalidRequest
from stash_memory.store import PAGE


class Listing:
    """list and forget by prefix, for the viewset of memories."""

    def list(self, request: Request) -> HttpResponse:
        """One page of the live memories, in the order of their ids, without their data."""
        account = request.auth
        asked = query(request, "prefix", "cursor", "limit")
        page = store_for(request).list(
            account.user_id,
            account.scope.check_prefix(asked.get("prefix")),
            asked.get("cursor"),
            number(asked.get("limit", str(PAGE))),
            spend=request.operation.spend,
        )
        request.operation.succeeded("stash_listed")
        return json_response(200, listing_page(page))

    def forget_prefix(self, request: Request) -> HttpResponse:
        """Deletes every memory whose id begins with the prefix, which is never guessed."""
        account = request.auth
        prefix = query(request, "prefix").get("prefix")
        if not prefix:
            raise InvalidRequest(
                "prefix is missing: name the beginning of the ids to forget.", field="prefix"
            )
        memories = store_for(request).forget_prefix(
            account.user_id, account.scope.check_prefix(prefix), spend=request.operation.spend
        )
        request.operation.succeeded("stash_forgotten")
        return json_response(200, forgotten(memories))
