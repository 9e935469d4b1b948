"""The page that asks before every memory of a user is forgotten, in steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.audit import record
from accounts.models import User
from operators.user_page import frame, live, may_change, store_of_user, user_of
from stash_memory.errors import StoreUnavailable
from stash_memory.limits import UNLIMITED
from stash_memory.operations import Forget, ListPage
from stash_memory.store import Store

# As many operations as a client may send in one batch.
STEP = 100
# No step begins later: proxies drop a response after a minute, and operators lose patience before.
PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Forgetting:
    """Progress. `error` stopped it; `done` tells whether the last look found nothing left."""

    memories: int = 0
    done: bool = False
    error: StoreUnavailable | None = None


def forget_all(store: Store, user: str, clock: Callable[[], float] = time.monotonic) -> Forgetting:
    """Forgets the user's live memories in all pools of the store, for at most PATIENCE_SECONDS."""
    so_far, end = Forgetting(), clock() + PATIENCE_SECONDS
    while not so_far.done and so_far.error is None and clock() < end:
        try:
            found = store.do(user, ListPage(limit=STEP), UNLIMITED).entries
            so_far.done = not found
            forgets = [Forget(entry.id) for entry in found]
            for result in store.many(user, forgets, UNLIMITED) if found else ():
                so_far.memories += result is None
                if isinstance(result, StoreUnavailable):
                    so_far.error = result
        except StoreUnavailable as error:
            so_far.error = error
    return so_far


BEGUN, ENDED = "forgetting memories", "memories forgotten"


def forget_page(site: AdminSite, request: HttpRequest, public_id: str) -> HttpResponse:
    """GET counts the memories and asks; POST forgets them. Only for operators who may change the user."""
    user = user_of(public_id)
    if not may_change(site, request, user):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("forget") == "all":
            forget(request, user)
        return HttpResponseRedirect(reverse("admin:user_page", args=[user.public_id]))
    context = frame(site, request, user, "Forget all memories") | {"live": live(user, None)}
    return render(request, "admin/user/forget.html", context)


def forget(request: HttpRequest, user: User) -> None:
    """Forgets all memories of the user, and tells the operator how many.

    The audit log gets the count before the first one goes, and the outcome at the end. An entry without an outcome
    means that the server was killed in between.
    """
    try:
        store = store_of_user(user)
        alive = store.totals(user.public_id).memories
    except StoreUnavailable as error:
        done = Forgetting(error=error)
    else:
        record(request, BEGUN, user, None, {"live_memories": alive})
        done = forget_all(store, user.public_id)
        record(request, ENDED, user, None, {"memories": done.memories, "outcome": outcome(done)})
    level = messages.SUCCESS if done.done else messages.ERROR if done.error else messages.WARNING
    messages.add_message(request, level, sentence(done))


def outcome(done: Forgetting) -> str:
    """Words the outcome for the audit log."""
    if done.error is not None:
        return f"the store failed: {done.error.detail}"
    return "nothing is left" if done.done else "out of time, more are left"


def sentence(done: Forgetting) -> str:
    """Words the outcome for the operator."""
    count = f"{done.memories:,} {'memory' if done.memories == 1 else 'memories'} forgotten."
    if done.error is not None:
        return f"{count} Then the store failed: {done.error.detail}"
    return count if done.done else f"{count} There are more: forget them once again."
