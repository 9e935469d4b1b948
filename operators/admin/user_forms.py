"""The forms of users."""

from django import forms
from django.http import HttpRequest
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.local import TIER as LOCAL_TIER
from accounts.models import Tier, User
from operators.admin.limits_form import LimitsForm


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

    # Local mode's own tier has one user.
    tier = forms.ModelChoiceField(
        Tier.objects.exclude(name=LOCAL_TIER),
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": "Choose a tier."},
    )

    @classmethod
    def of(cls, request: HttpRequest) -> "TierChoice":
        """What was answered, or the question: with no tier chosen, since one would pass for an answer."""
        return cls(request.POST if "tier" in request.POST else None)
