"""The verbs over HTTP: one view for all of them."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from memories.documents import forgotten, listing_page
from memories.reading import operation_in
from memories.responses import empty_response, head_of, json_response, memory_response
from memories.views.viewset import ApiViewSet
from stash_memory.operations import (
    VERBS,
    AnyOperation,
    Forget,
    ForgetPrefix,
    ListPage,
    Put,
    Recall,
    Stash,
    Update,
)
from stash_memory.records import Page, StoredMemory
from storage.store import store_for


def action(kind: type[AnyOperation]) -> Callable[..., HttpResponseBase]:
    """The view's action for one verb: reads the operation, has the store do it, answers."""

    def perform(view: ApiViewSet, request: Request, memory_id: str | None = None) -> HttpResponseBase:
        operation = operation_in(request, kind, memory_id)
        account = request.auth
        answer = store_for(request).do(account.user_id, operation, account.limits, request.trace.spend)
        return respond(request, operation, answer)

    perform.__doc__ = kind.__doc__
    return perform


def respond(
    request: Request, operation: AnyOperation, answer: StoredMemory | Page | int | None
) -> HttpResponseBase:
    """The answer of the operation's verb, noted for the log and the usage."""
    verb, trace = operation.verb, request.trace
    if not isinstance(answer, StoredMemory):
        trace.succeeded(verb.event)
        if answer is None:
            return empty_response(204)
        return json_response(200, listing_page(answer) if isinstance(answer, Page) else forgotten(answer))
    status, payload_bytes = operation.status(answer), operation.payload(answer)
    trace.succeeded(verb.event, answer, payload_bytes=payload_bytes)
    if status == 304:
        return empty_response(304, version=answer.version)
    if verb.data:
        return memory_response(verb, answer)
    return json_response(status, head_of(verb, answer), version=answer.version)


class MemoryViewSet(ApiViewSet):
    """An action for each verb, about one memory of the key's user or all that begin alike.

    `request.auth` is the Account behind the key, and `request.trace.spend` the token that the storage step charges.
    """

    operations = {f"do_{kind.verb.name}": kind for kind in VERBS}

    do_stash = action(Stash)
    do_put = action(Put)
    do_recall = action(Recall)
    do_update = action(Update)
    do_forget = action(Forget)
    do_list = action(ListPage)
    do_forget_prefix = action(ForgetPrefix)
