"""The four verbs over HTTP."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from memories.body import read_body
from memories.conditions import if_match, if_none_match
from memories.fields import StashFields, UpdateFields, decode, given
from memories.paths import check_path
from memories.responses import empty_response, json_response, memory_response
from memories.store import store
from memories.views.viewset import ApiViewSet
from stash_memory.errors import InvalidRequest


class MemoryViewSet(ApiViewSet):
    """stash, recall, update and forget: one memory of the key's user at a time.

    `request.auth` is the Account behind the key, and `request.operation.spend` the token that the storage
    step charges.
    """

    def stash(self, request: Request) -> HttpResponse:
        """Keeps data under an id that the store makes."""
        account = request.auth
        fields = decode(read_body(request, account.limits.payload_bytes), StashFields)
        if fields.text is None:
            raise InvalidRequest("data is missing; it can be any JSON value, null included.", field="data")
        memory = store().stash(
            account.user_id,
            fields.text,
            limits=account.limits,
            ttl=given(fields.ttl),
            prefix=account.scope.prefix,
            spend=request.operation.spend,
        )
        request.operation.succeeded("stash_created", memory, payload_bytes=len(fields.text))
        document = {
            "memory_id": memory.memory_id,
            "ttl": memory.ttl_remaining,
            "expires_at": memory.expires_at,
        }
        return json_response(201, document, version=memory.version)

    def recall(self, request: Request, memory_id: str) -> HttpResponseBase:
        """The memory's data, byte for byte, and how long it will live."""
        check_path(request)
        account = request.auth
        known = if_none_match(request)
        memory = store().recall(
            account.user_id,
            memory_id,
            limits=account.limits,
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
        fields = decode(read_body(request, account.limits.payload_bytes), UpdateFields)
        memory = store().update(
            account.user_id,
            memory_id,
            limits=account.limits,
            data=fields.text,
            extra_seconds=given(fields.extra_seconds),
            if_version=if_match(request),
            spend=request.operation.spend,
        )
        payload_bytes = None if fields.text is None else len(fields.text)
        request.operation.succeeded("stash_updated", memory, payload_bytes=payload_bytes)
        document = {
            "memory_id": memory_id,
            "ttl_remaining": memory.ttl_remaining,
            "expires_at": memory.expires_at,
        }
        return json_response(200, document, version=memory.version)

    def forget(self, request: Request, memory_id: str) -> HttpResponse:
        """Deletes the memory at once."""
        check_path(request)
        store().forget(
            request.auth.user_id, memory_id, if_version=if_match(request), spend=request.operation.spend
        )
        request.operation.succeeded("stash_forgotten")
        return empty_response(204)
