"""Actions on several users at once, and which users an operator may touch."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.audit import audited
from accounts.local import TIER as LOCAL_TIER
from accounts.models import Tier, User
from accounts.models.pool_move import TooSlow
from operators.charts.units import several
from operators.user_changes import MOST, change_tier, resume, suspend

SENTENCE = "Only superusers may change accounts of operators."


def may_touch(operator: Any, user: User | None) -> bool:
    """Tells whether the operator may change the user: only superusers may change operators, themselves included."""
    return operator.is_superuser or user is None or not (user.is_staff or user.is_superuser)


def untouchable(operator: Any, users: QuerySet[User]) -> QuerySet[User]:
    """Returns the users whom the operator may not change."""
    return users.none() if operator.is_superuser else users.filter(Q(is_staff=True) | Q(is_superuser=True))


class TierChoice(forms.Form):
    """New tier of the chosen users."""

    # The tier of local mode has exactly one user.
    tier = forms.ModelChoiceField(
        Tier.objects.exclude(name=LOCAL_TIER),
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a tier."},
    )

    @classmethod
    def of(cls, request: HttpRequest) -> "TierChoice":
        """Returns the answered form, or an empty one: a preset tier would pass for an answer."""
        return cls(request.POST if "tier" in request.POST else None)


class UserActions:
    """Mixin for the ModelAdmin of users; put it first."""

    actions = ("change_tier", "suspend", "resume")

    @admin.action(description="Change the tier of the selected users", permissions=["change"])
    def change_tier(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        """Asks for the tier, then gives it to all selected users or to none."""
        chosen = self.chosen(request, users)
        if not chosen:
            return None
        form = TierChoice.of(request)
        if not form.is_valid():
            return self.tier_page(request, chosen, form)
        tier = form.cleaned_data["tier"]
        try:
            with audited(request, "changed", chosen):
                count = change_tier(chosen, tier)
        except ValidationError as error:
            form.add_error("tier", " ".join(error.messages))
            return self.tier_page(request, chosen, form)
        except TooSlow:
            self.message_user(request, str(TooSlow.__doc__), messages.ERROR)
            return None
        rest = len(chosen) - count
        already = f"{several(rest, 'user')} already had"
        told = f"{several(count, 'user')} moved to the tier {tier}. It applies within two seconds."
        if count == 0:
            told = f"Nothing changed: {already} the tier {tier}."
        elif rest:
            told += f" {already} it."
        self.message_user(request, told, messages.SUCCESS if count else messages.WARNING)
        return None

    @admin.action(description="Suspend the selected users", permissions=["change"])
    def suspend(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Refuses the users' keys from now on; their memories live out their TTL."""
        chosen = self.chosen(request, users)
        if any(user.pk == request.user.pk for user in chosen):
            self.message_user(request, "You cannot suspend yourself; nobody was suspended.", messages.ERROR)
            return
        self.done(request, "suspended", chosen, suspend)

    @admin.action(description="Resume the selected users", permissions=["change"])
    def resume(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Accepts the users' keys again."""
        self.done(request, "resumed", self.chosen(request, users), resume)

    def done(
        self, request: HttpRequest, action: str, chosen: list[User], change: Callable[[list[User]], int]
    ) -> None:
        """Applies the change, records it, and tells the operator."""
        if chosen:
            with audited(request, action, chosen):
                count = change(chosen)
            self.message_user(request, f"{several(count, 'user')} {action}.", messages.SUCCESS)

    def chosen(self, request: HttpRequest, users: QuerySet[User]) -> list[User]:
        """Returns the selected users; none, with a message, if they are too many or the operator may not change one."""
        if untouchable(request.user, users).exists():
            self.message_user(request, f"{SENTENCE} Nothing was changed.", messages.ERROR)
            return []
        found = list(users.select_related("tier")[: MOST + 1])
        if len(found) > MOST:
            self.message_user(request, f"Select at most {MOST} users; nothing was changed.", messages.ERROR)
            return []
        return found

    def tier_page(self, request: HttpRequest, chosen: list[User], form: TierChoice) -> HttpResponse:
        """Renders the question for the tier."""
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Change the tier of {several(len(chosen), 'user')}",
            "opts": self.model._meta,
            "users": chosen,
            "form": form,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/accounts/change_tier.html", context)
