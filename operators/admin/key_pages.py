"""Pages of API keys that ask before they act or show a secret: revoke, rotate, the new secret."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.account_cache import forget_accounts
from accounts.audit import audited, record, snapshot
from accounts.key_rotation import DEFAULT_GRACE_SECONDS, MAX_GRACE_SECONDS, rotate
from accounts.key_rules import KEY_ID, new_key_id
from accounts.models import ApiKey, User
from operators.charts.units import several


def check_key_id(value: str) -> None:
    """Raises ValidationError if the value is no id of a key."""
    if KEY_ID.fullmatch(value) is None:
        raise ValidationError("The form is damaged. Open it again.")


class KeyIdField(forms.CharField):
    """Id of the new key, chosen when the form is shown, so that a form sent twice makes one key."""

    def __init__(self, **settings: Any) -> None:
        settings = {"required": False, "validators": [check_key_id], "widget": forms.HiddenInput, **settings}
        super().__init__(initial=new_key_id, **settings)


class NewKeyForm(forms.ModelForm):
    """A new key of a user."""

    form_id = KeyIdField()

    class Meta:
        model = ApiKey
        fields = ("user", "name", "read_only", "prefix", "expires_at")

    def clean_expires_at(self) -> datetime | None:
        """Raises ValidationError for an expiry in the past."""
        end: datetime | None = self.cleaned_data["expires_at"]
        if end is not None and end <= timezone.now():
            raise ValidationError("The expiry is in the past; times are in UTC.")
        return end

    def save(self, commit: bool = True) -> ApiKey:
        """Saves the key with the id of the form."""
        if self.cleaned_data["form_id"]:
            self.instance.public_id = self.cleaned_data["form_id"]
        return super().save(commit)


class RotationForm(forms.Form):
    """Grace period of the old secret."""

    form_id = KeyIdField()
    grace_seconds = forms.IntegerField(
        label="Grace period",
        initial=DEFAULT_GRACE_SECONDS,
        min_value=0,
        max_value=MAX_GRACE_SECONDS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"Seconds until the old secret stops working, at most {MAX_GRACE_SECONDS:,} (30 days). 0: at once.",
    )


# The question sends the number of each key back, and Django allows a thousand fields.
MOST = 500


class KeyActions:
    """Mixin for the ModelAdmin of API keys; put it first."""

    actions = ("revoke",)

    @admin.action(description="Revoke the selected API keys", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        """Asks first, then revokes the keys and all their descendants: everywhere within a second."""
        found = list(keys.filter(revoked_at=None).select_related("user")[: MOST + 1])
        if not found:
            self.message_user(request, "Already revoked.", messages.WARNING)
            return None
        if len(found) > MOST:
            self.message_user(request, f"Select at most {MOST} keys; nothing was changed.", messages.ERROR)
            return None
        if request.POST.get("sure") != "yes":
            return self.revoke_page(request, found)
        chosen = ApiKey.objects.filter(pk__in=[key.pk for key in found])
        with audited(request, "revoked", chosen.families()):
            count = chosen.revoke()
        forget_accounts({key.user for key in found})
        self.message_user(request, f"{several(count, 'API key')} revoked.", messages.SUCCESS)
        return None

    def revoke_page(self, request: HttpRequest, chosen: list[ApiKey]) -> HttpResponse:
        """Renders the question, with owners and descendants."""
        family = ApiKey.objects.filter(pk__in=[key.pk for key in chosen]).families()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Revoke {several(len(chosen), 'API key')}",
            "opts": self.model._meta,
            "keys": chosen,
            "owners": owners(chosen),
            "descendants": family.filter(revoked_at=None).count() - len(chosen),
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/accounts/revoke_keys.html", context)


def owners(keys: Iterable[ApiKey]) -> list[tuple[User, list[ApiKey]]]:
    """Groups the keys by their users."""
    found: dict[User, list[ApiKey]] = {}
    for key in keys:
        found.setdefault(key.user, []).append(key)
    return list(found.items())


class KeyPages:
    """Mixin for the ModelAdmin of API keys; put it first."""

    def get_custom_urls(self) -> Any:
        """Adds the page of rotation to unfold's, behind the log-in."""
        return [("<int:pk>/rotate/", "accounts_apikey_rotate", self.rotate_view)]

    def secret_page(self, request: HttpRequest, key: ApiKey, secret: str, told: str) -> HttpResponse:
        """Shows the secret in the response to the request that made it; the service stores it nowhere."""
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
        """Redirects a form that has made its key already to that key, without the secret; else returns None."""
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
        """Asks for the grace period, then shows the new secret once."""
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
        """Rotates the key and shows the new secret. Raises ValidationError."""
        grace = form.cleaned_data["grace_seconds"]
        with audited(request, "rotated", [key, *key.children.all()]):
            new, secret = rotate(key, grace, form.cleaned_data["form_id"] or None)
            record(request, "created", new, None, snapshot(ApiKey.objects.get(pk=new.pk)))
        # The key's own expiry may come before the end of the grace period.
        key.refresh_from_db(fields=["expires_at"])
        assert key.expires_at is not None
        end = f"works until {date_format(key.expires_at, 'DATETIME_FORMAT')}"
        old = "is refused from now on" if grace == 0 else end
        return self.secret_page(request, new, secret, f"The old secret, {key.visible_part}..., {old}.")
