"""Many operations in one request."""

from collections.abc import Sequence
from typing import cast

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.account import Account
from memories.batch_answer import BatchAnswer
from memories.body import read_body
from memories.reading import operations_in
from memories.views.viewset import ApiViewSet
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from stash_memory.operations import Single
from stash_memory.records import StoredMemory
from storage.store import store_for

# Request and answer together are bounded by this, or by the payload limit where that is larger.
BATCH_BYTES = 10 * 1024 * 1024


class BatchViewSet(ApiViewSet):
    """Each operation is judged, charged and answered as its own request would have been."""

    judges_scope = True

    def batch(self, request: Request) -> HttpResponseBase:
        """Does the operations in order; a failed one does not fail the rest."""
        account = cast(Account, request.auth)
        limit = max(account.limits.payload_bytes, BATCH_BYTES)
        body = read_body(request, limit, "a batch")
        asked = operations_in(body, account.scope)
        done = many(request, [operation for _, operation in asked])
        answer = BatchAnswer(limit - len(body), request.trace)
        for (kind, operation), result in zip(asked, done, strict=True):
            answer.add(kind, operation, result)
        request.trace.batched(len(asked), answer.failed)
        return answer.response()


def many(request: Request, asked: Sequence[Single | StashError]) -> list[StoredMemory | StashError | None]:
    """Has the store do each, for a token each. Raises StoreUnavailable, StoreFull."""
    user, limits, trace = request.auth.user_id, request.auth.limits, request.trace
    spend = trace.spend
    if spend is None or spend.bucket is None:
        if spend is not None:
            spend.cost = len(asked)
        return store_for(request).many(user, asked, limits, spend)
    # The first one's token was charged before the body was read.
    done = store_for(request).many(user, asked[:1], limits)
    if len(asked) > 1:
        trace.spend = Spend(spend.rate, spend.burst, len(asked) - 1)
        try:
            done += store_for(request).many(user, asked[1:], limits, trace.spend)
        except StoreUnavailable as error:
            done += [StoreUnavailable(error.detail, applied=error.applied) for _ in asked[1:]]
        except StoreFull as error:
            done += [StoreFull(error.detail) for _ in asked[1:]]
    return done
