"""The page behind a sign-in link."""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accounts.models import SignInLink

log = logging.getLogger("stash.audit")


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """Opening the link shows a button, and pressing that signs in.

    What fetches links ahead of people (browsers, chats, scanners of mail) would otherwise use it up for them.
    """

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In local mode alone. Raises Http404."""
        if settings.HOSTED:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The button, or the sentence that the link is not good any more."""
        link = SignInLink.good(token, timezone.now())
        return page(request, None if link is None else link.user.email)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Signs in, and uses the link up."""
        user = SignInLink.redeem(token, timezone.now())
        if user is None:
            return page(request, None)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        fields = {"user_id": user.public_id, "address": request.META.get("REMOTE_ADDR")}
        log.info("operator_signed_in", extra={"fields": fields})
        return HttpResponseRedirect(reverse("admin:index"))


def page(request: HttpRequest, email: str | None) -> HttpResponse:
    """For the one whom the link signs in, or 410 for nobody."""
    from operators.site import site

    context = {**site.each_context(request), "title": "Sign in", "email": email}
    return render(request, "admin/sign_in.html", context, status=410 if email is None else 200)
