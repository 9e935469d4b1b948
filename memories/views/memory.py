"""The verbs over HTTP."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from memories.body import read_body
from memories.conditions import IF_MATCH, IF_NONE_MATCH, if_match, if_none_match, put_condition
from memories.documents import kept, updated
from memories.fields import decoded, given, read_stash, read_update
from memories.paths import check_path
from memories.query import number, query
from memories.responses import empty_response, json_response, memory_response
from memories.store import store_for
from memories.views.listing import Listing
from memories.views.viewset import ApiViewSet


class MemoryViewSet(Listing, ApiViewSet):
    """stash, put, recall, update and forget: one memory of the key's user at a time.

    `request.auth` is the Account behind the key, and `request.operation.spend` the token that the storage
    step charges.
    """

    conditions = {"stash_as": (IF_MATCH, IF_NONE_MATCH), "update": (IF_MATCH,), "forget": (IF_MATCH,)}
    parameters = {"forget_prefix": ("prefix",)}

    def stash(self, request: Request) -> HttpResponse:
        """Keeps data under an id that the store makes."""
        account = request.auth
        fields = decoded(read_body(request, account.limits.payload_bytes), read_stash)
        data = fields.needed_text
        memory = store_for(request).stash(
            account.user_id,
            data,
            limits=account.limits,
            ttl=given(fields.ttl),
            prefix=account.scope.prefix,
            spend=request.operation.spend,
        )
        request.operation.succeeded("stash_created", memory, payload_bytes=len(data))
        return json_response(201, kept(memory), version=memory.version)

    def stash_as(self, request: Request, memory_id: str) -> HttpResponse:
        """Keeps data under the caller's own id: 201 where that was free, 200 where it replaced something."""
        check_path(request)
        account = request.auth
        if_version, if_absent = put_condition(request)
        fields = decoded(read_body(request, account.limits.payload_bytes), read_stash)
        data = fields.needed_text
        memory = store_for(request).put(
            account.user_id,
            memory_id,
            data,
            limits=account.limits,
            ttl=given(fields.ttl),
            if_version=if_version,
            if_absent=if_absent,
            spend=request.operation.spend,
        )
        request.operation.succeeded("stash_created", memory, payload_bytes=len(data))
        return json_response(201 if memory.created else 200, kept(memory), version=memory.version)

    def recall(self, request: Request, memory_id: str) -> HttpResponseBase:
        """The memory's data, byte for byte, and how long it will live."""
        check_path(request)
        account = request.auth
        known = if_none_match(request)
        extend = number(query(request, "extend").get("extend"))
        if extend is not None:
            account.scope.check_write()
        memory = store_for(request).recall(
            account.user_id,
            memory_id,
            limits=account.limits,
            extend=extend,
            unless_version=known,
            spend=request.operation.spend,
        )
        if memory.version == known:
            request.operation.succeeded("stash_recalled", memory, payload_bytes=0)
            return empty_response(304, version=memory.version)
        request.operation.succeeded("stash_recalled", memory, payload_bytes=memory.size)
        return memory_response(memory)

    def update(self, request: Request, memory_id: str) -> HttpResponse:
        """Replaces the data, adds to the life, or both."""
        check_path(request)
        account = request.auth
        if_version = if_match(request)
        fields = decoded(read_body(request, account.limits.payload_bytes), read_update)
        memory = store_for(request).update(
            account.user_id,
            memory_id,
            limits=account.limits,
            data=fields.text,
            extra_seconds=given(fields.extra_seconds),
            if_version=if_version,
            spend=request.operation.spend,
        )
        payload_bytes = None if fields.text is None else len(fields.text)
        request.operation.succeeded("stash_updated", memory, payload_bytes=payload_bytes)
        return json_response(200, updated(memory), version=memory.version)

    def forget(self, request: Request, memory_id: str) -> HttpResponse:
        """Deletes the memory at once."""
        check_path(request)
        store_for(request).forget(
            request.auth.user_id, memory_id, if_version=if_match(request), spend=request.operation.spend
        )
        request.operation.succeeded("stash_forgotten")
        return empty_response(204)
