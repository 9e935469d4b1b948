"""The forms of API keys."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.key_rotation import DEFAULT_GRACE_SECONDS, MAX_GRACE_SECONDS
from accounts.key_tree import KEY_ID
from accounts.models import ApiKey
from accounts.models.api_key import new_key_id


def check_key_id(value: str) -> None:
    """Raises ValidationError for what is no id of a key."""
    if KEY_ID.fullmatch(value) is None:
        raise ValidationError("This form is damaged: open it anew.")


class KeyIdField(forms.CharField):
    """The new key's id, chosen when the form is shown: the same form sent twice makes one key."""

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
        """Raises ValidationError for a key that would be dead when it is made."""
        end: datetime | None = self.cleaned_data["expires_at"]
        if end is not None and end <= timezone.now():
            raise ValidationError("This end is in the past; times are in UTC.")
        return end

    def save(self, commit: bool = True) -> ApiKey:
        """With the id that the form was shown with."""
        if self.cleaned_data["form_id"]:
            self.instance.public_id = self.cleaned_data["form_id"]
        return super().save(commit)


class RotationForm(forms.Form):
    """How long the old secret works on."""

    form_id = KeyIdField()
    grace_seconds = forms.IntegerField(
        label="Grace period",
        initial=DEFAULT_GRACE_SECONDS,
        min_value=0,
        max_value=MAX_GRACE_SECONDS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"Seconds until the old secret is refused, at most {MAX_GRACE_SECONDS:,} (30 days). 0: at once.",
    )
