"""The pages of API keys that are not lists or forms of one: a new secret, and rotation."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format

from accounts.audit import audited, record, snapshot
from accounts.key_rotation import rotate
from accounts.models import ApiKey
from operators.admin.key_forms import RotationForm


class KeyPages:
    """Mixed in before the ModelAdmin of API keys."""

    def get_custom_urls(self) -> Any:
        """unfold's, behind the log-in."""
        return [("<int:pk>/rotate/", "accounts_apikey_rotate", self.rotate_view)]

    def secret_page(self, request: HttpRequest, key: ApiKey, secret: str, told: str) -> HttpResponse:
        """Answers the very request that made the key: the secret is kept nowhere on its way, and never told again."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The key's secret",
            "opts": self.model._meta,
            "key": key,
            "secret": secret,
            "told": told,
        }
        return TemplateResponse(request, "admin/accounts/key_secret.html", context)

    def sent_before(self, request: HttpRequest) -> HttpResponse | None:
        """For a form that has made its key and comes again by a reload: that key's page, without the secret."""
        made = ApiKey.objects.filter(public_id=request.POST.get("form_id") or "none").first()
        if made is None:
            return None
        self.message_user(
            request,
            f"This form has made the key {made.public_id} already, and its secret was shown once; "
            "rotate the key for another one.",
            messages.WARNING,
        )
        return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[made.pk]))

    def rotate_view(self, request: HttpRequest, pk: int, **_: Any) -> HttpResponse:
        """Asks for the grace period; then the new secret, once."""
        key = ApiKey.objects.select_related("user", "parent").filter(pk=pk).first()
        if key is None:
            raise Http404
        if not (self.has_change_permission(request, key) and self.has_add_permission(request)):
            raise PermissionDenied
        if request.method == "POST" and (answer := self.sent_before(request)):
            return answer
        form = RotationForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                return self.rotated(request, key, form)
            except ValidationError as error:
                form.add_error(None, error.messages[0])
        context = {
            **self.admin_site.each_context(request),
            "title": f"Rotate {key}",
            "opts": self.model._meta,
            "key": key,
            "form": form,
            "children": key.children.count(),
        }
        return TemplateResponse(request, "admin/accounts/rotate_key.html", context)

    def rotated(self, request: HttpRequest, key: ApiKey, form: RotationForm) -> HttpResponse:
        """Does it. Raises ValidationError."""
        grace = form.cleaned_data["grace_seconds"]
        with audited(request, "rotated", [key, *key.children.all()]):
            new, secret = rotate(key, grace, form.cleaned_data["form_id"] or None)
            record(request, "created", new, None, snapshot(ApiKey.objects.get(pk=new.pk)))
        # Its own end may have come before that of the grace period.
        key.refresh_from_db(fields=["expires_at"])
        assert key.expires_at is not None
        end = f"works until {date_format(key.expires_at, 'DATETIME_FORMAT')}"
        old = "is refused from now on" if grace == 0 else end
        return self.secret_page(request, new, secret, f"The old secret, {key.visible_part}..., {old}.")
