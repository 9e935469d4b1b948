"""The forms of users."""

from typing import Any

from django import forms
from django.http import HttpRequest
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.limits_form import LimitsForm
from accounts.models import Tier, User


class NewUserForm(forms.ModelForm):
    """A new user, who cannot log in to the admin. A superuser may give a password afterwards."""

    class Meta:
        model = User
        fields = ("email", "tier")

    def save(self, commit: bool = True) -> User:
        """Without a password."""
        self.instance.set_unusable_password()
        return super().save(commit)


class UserForm(LimitsForm, UserChangeForm):
    """A user, and its own limits in place of the tier's."""


class TierChoice(forms.Form):
    """The tier that the chosen users get."""

    tier = forms.ModelChoiceField(Tier.objects.all(), widget=UnfoldAdminSelectWidget, empty_label=None)

    @classmethod
    def of(cls, request: HttpRequest, users: list[User]) -> "TierChoice":
        """What was answered, or the question: the tier that the first has is chosen to begin with."""
        asked: dict[str, Any] = {"initial": {"tier": users[0].tier_id}}
        return cls(request.POST if "tier" in request.POST else None, **asked)
