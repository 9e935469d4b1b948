"""What operators do to several API keys at once."""

from collections.abc import Iterable

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.audit import audited
from accounts.models import ApiKey, User
from operators.charts.units import several
from operators.user_changes import forget_accounts

# The question sends each key's number back, and a form has a thousand fields at most.
MOST = 500


class KeyActions:
    """Mixed in before the ModelAdmin of API keys."""

    actions = ("revoke",)

    @admin.action(description="Revoke the selected API keys", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> HttpResponse | None:
        """Asks on a page of its own. Then they are refused, with all their descendants: everywhere within a second."""
        found = list(keys.filter(revoked_at=None).select_related("user")[: MOST + 1])
        if not found:
            self.message_user(request, "They are revoked already.", messages.WARNING)
            return None
        if len(found) > MOST:
            self.message_user(
                request, f"{MOST} keys at once is the most; nothing was changed.", messages.ERROR
            )
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
        """The question."""
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
    """The users of these keys, each with those that are its own."""
    found: dict[User, list[ApiKey]] = {}
    for key in keys:
        found.setdefault(key.user, []).append(key)
    return list(found.items())
