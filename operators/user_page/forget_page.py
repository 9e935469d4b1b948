"""The page that asks before everything of a user is forgotten."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.audit import record
from accounts.models import User
from operators.user_page.forgetting import Forgetting, forget_all
from operators.user_page.live import live
from operators.user_page.page import frame, may_change, user_of
from operators.user_page.store import store_of_user
from stash_memory.errors import StoreUnavailable

BEGUN, ENDED = "forgetting memories", "memories forgotten"


def forget_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET says how many there are, and asks; POST forgets them. For those who may change the user."""
    user = user_of(public_id)
    if not may_change(request, user):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("forget") == "all":
            forget(request, user)
        return HttpResponseRedirect(reverse("admin:user_page", args=[user.public_id]))
    context = frame(request, user, "Forget all memories") | {"live": live(user, None)}
    return render(request, "admin/user/forget.html", context)


def forget(request: HttpRequest, user: User) -> None:
    """Does it, and says how many went.

    The audit log has two entries: how many there were, before the first goes, and what came of it. The first one alone
    tells that the server was killed in between.
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
    """For the audit log."""
    if done.error is not None:
        return f"the store failed: {done.error.detail}"
    return "nothing is left" if done.done else "out of time, more are left"


def sentence(done: Forgetting) -> str:
    """For the operator."""
    count = f"{done.memories:,} {'memory' if done.memories == 1 else 'memories'} forgotten."
    if done.error is not None:
        return f"{count} Then the store failed: {done.error.detail}"
    return count if done.done else f"{count} There are more: forget them once again."
