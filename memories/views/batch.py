"""Many operations in one request."""

from collections.abc import Sequence
from typing import cast

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from accounts.account import Account
from memories.batch import asked, steps
from memories.batch_answer import BatchAnswer
from memories.body import read_body
from memories.store import store_for
from memories.views.viewset import ApiViewSet
from stash_memory.backends.base import Operation
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from stash_memory.memory import StoredMemory

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
        wanted = steps(body)
        done = many(request, [asked(step, account) for step in wanted])
        answer = BatchAnswer(limit - len(body), request.operation)
        for step, result in zip(wanted, done, strict=True):
            answer.add(step, result)
        request.operation.batched(len(wanted), answer.failed)
        return answer.response()


def many(request: Request, asked: Sequence[Operation | StashError]) -> list[StoredMemory | StashError | None]:
    """What becomes of each, for a token each. Raises StoreUnavailable, StoreFull."""
    user, operation = request.auth.user_id, request.operation
    spend = operation.spend
    if spend is None or spend.bucket is None:
        if spend is not None:
            spend.cost = len(asked)
        return store_for(request).many(user, asked, spend=spend)
    # The first one's token was charged before the body was read.
    done = store_for(request).many(user, asked[:1])
    if len(asked) > 1:
        operation.spend = Spend(spend.rate, spend.burst, len(asked) - 1)
        try:
            done += store_for(request).many(user, asked[1:], spend=operation.spend)
        except StoreUnavailable as error:
            done += [StoreUnavailable(error.detail, applied=error.applied) for _ in asked[1:]]
        except StoreFull as error:
            done += [StoreFull(error.detail) for _ in asked[1:]]
    return done
