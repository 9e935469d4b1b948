"""Users, as operators see and change them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.account_cache import forget_accounts
from accounts.audit import audited
from accounts.models import User
from accounts.usage.figures import add_requests
from operators.admin.limits_form import LimitsForm
from operators.admin.user_actions import UserActions, may_touch
from operators.audited_admin import AuditedAdmin
from operators.site import site


class NewUserForm(forms.ModelForm):
    """New user without access to the admin. A superuser may set a password later."""

    class Meta:
        model = User
        fields = ("email", "tier")

    def save(self, commit: bool = True) -> User:
        """Saves the user without a password."""
        self.instance.set_unusable_password()
        return super().save(commit)


class UserForm(LimitsForm, UserChangeForm):
    """A user, with limits that override the tier's."""


# Only superusers see and change who may log in here, and what for.
STAFF = ("Operators", {"fields": ("password", "is_staff", "is_superuser", "groups", "user_permissions")})


@admin.register(User, site=site)
class UserAdmin(UserActions, AuditedAdmin, DjangoUserAdmin, ModelAdmin):
    """Users, and each one's overrides of its tier."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "public_id", "tier", "state", "requests_today", "created_at")
    list_filter = ("tier", "is_active", "is_staff")
    list_select_related = ("tier",)
    search_fields = ("email", "public_id")
    search_help_text = "E-mail or usr_ id, or a part of one"
    ordering = ("-created_at",)
    readonly_fields = ("public_id", "created_at", "last_login")
    show_full_result_count = False
    # Plain lists, because two-sided ones have parts without names for screen readers.
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "public_id", "tier", "is_active")}),
        ("Instead of the tier's", {"fields": ("default_ttl", "requests_per_minute", "burst")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "tier")}),)
    change_form_outer_before_template = "admin/accounts/user_links.html"

    @display(description="State", label={"active": "success", "suspended": "danger"}, ordering="is_active")
    def state(self, user: User) -> str:
        """Tells whether the user's keys work."""
        return "active" if user.is_active else "suspended"

    @display(description="Requests, 24 h")
    def requests_today(self, user: User) -> str:
        """Returns the requests of all keys of the user in the last day."""
        return f"{user.requests:,}"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Adds the requests of all users on the page, in one query."""
        changelist = super().get_changelist_instance(request)
        add_requests(changelist.result_list, timezone.now())
        return changelist

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Adds the rights of operators, for superusers only."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.is_superuser:
            return fieldsets
        return (*fieldsets[:-1], STAFF, fieldsets[-1])

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Keeps operators from locking themselves out."""
        mine = (
            ("is_active", "is_staff", "is_superuser") if obj is not None and obj.pk == request.user.pk else ()
        )
        return (*self.readonly_fields, *mine)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers may change operators."""
        return super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only superusers may delete operators."""
        return super().has_delete_permission(request, obj) and may_touch(request.user, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Drops deletion of many: each takes the user's keys along and makes its memories unreachable."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Lets operators delete a user's keys with the user, though keys are otherwise only revoked."""
        deleted, counts, _, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set(), protected

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Saves the user, and drops it from this process's cache."""
        super().save_model(request, obj, form, change)
        forget_accounts([obj])

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Deletes the user, and refuses its keys at once."""
        super().delete_model(request, obj)
        forget_accounts([obj])

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Changes a password, for superusers only. Django's page bypasses `save_model`, so this records the change."""
        if not request.user.is_superuser:
            raise PermissionDenied
        user = self.get_object(request, unquote(id))
        with audited(request, "password changed", [user] if user else []):
            return super().user_change_password(request, id, form_url)
