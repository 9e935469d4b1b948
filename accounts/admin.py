"""What operators see of users, tiers and keys."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.forms import UserCreationForm as UnfoldUserCreationForm

from accounts.admin_site import site
from accounts.audit import audited
from accounts.audited_admin import AuditedAdmin
from accounts.models import ApiKey, AuditEntry, PoolMove, Tier, User


class UserCreationForm(UnfoldUserCreationForm):
    """A new user; without a password, one who cannot log in to the admin."""

    class Meta:
        model = User
        fields = ("email", "tier")


@admin.register(User, site=site)
class UserAdmin(AuditedAdmin, DjangoUserAdmin, ModelAdmin):
    """Users, and each one's overrides of its tier."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "public_id", "tier", "is_active", "is_staff", "created_at")
    list_filter = ("tier", "is_active", "is_staff")
    list_select_related = ("tier",)
    search_fields = ("email", "public_id")
    ordering = ("-created_at",)
    readonly_fields = ("public_id", "created_at", "last_login")
    show_full_result_count = False
    # Plain lists: the two-sided ones have parts without names, which screen readers cannot tell.
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "public_id", "password", "tier", "is_active")}),
        ("Instead of the tier's", {"fields": ("default_ttl", "requests_per_minute", "burst")}),
        ("Admin", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "tier", "password1", "password2")}),)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A page of its own in Django's admin, which goes round `save_model`."""
        user = self.get_object(request, unquote(id))
        with audited(request, "password changed", [user] if user else []):
            return super().user_change_password(request, id, form_url)


@admin.register(Tier, site=site)
class TierAdmin(AuditedAdmin, ModelAdmin):
    """Every limit of every tier."""

    list_display = (
        "name",
        "pool",
        "payload_bytes",
        "default_ttl",
        "max_ttl",
        "requests_per_minute",
        "burst",
        "max_memories",
        "max_bytes",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> tuple[str, ...]:
        """A tier's name is its key, and users point at it."""
        return () if obj is None else ("name",)


@admin.register(PoolMove, site=site)
class PoolMoveAdmin(ModelAdmin):
    """Which pools hold older memories of which users. A move ends by itself; deleting it gives those memories up."""

    list_display = ("user", "pool", "at", "look_at")
    list_filter = ("pool",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__public_id")
    fields = readonly_fields = ("user", "pool", "at", "look_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users move by changing their tier."""
        return False


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(AuditedAdmin, ModelAdmin):
    """Keys: made here with their secret shown once, and revoked; never deleted, so that logs keep their sense."""

    list_display = (
        "visible_part",
        "name",
        "user",
        "read_only",
        "prefix",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = ("read_only",)
    list_select_related = ("user",)
    search_fields = ("name", "public_id", "visible_part", "user__email", "user__public_id")
    autocomplete_fields = ("user",)
    fields = ("user", "name", "read_only", "prefix", "expires_at")
    readonly_after = (
        "public_id",
        "visible_part",
        "user",
        "parent",
        "created_at",
        "last_used_at",
        "revoked_at",
    )
    actions = ("revoke",)
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """What a new key is asked for, or all that is known of an old one."""
        if obj is None:
            return self.fields
        return (*self.readonly_after, "name", "read_only", "prefix", "expires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A key's scope is what its holder was told: it does not change afterwards."""
        return () if obj is None else (*self.readonly_after, "read_only", "prefix")

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """A new key's secret is shown once, in the message on the next page. An end is its descendants' end too."""
        if not change:
            secret = obj.save_first()
            self.message_user(request, f"The key is {secret}. It is shown this once.", messages.WARNING)
            return
        super().save_model(request, obj, form, change)
        if "expires_at" in form.changed_data:
            descendants = ApiKey.objects.filter(pk=obj.pk).families().exclude(pk=obj.pk)
            with audited(request, "changed", descendants):
                obj.end_descendants()

    @admin.action(description="Revoke the selected API keys", permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Refused from now on, with all their descendants: everywhere within a second."""
        chosen = ApiKey.objects.filter(pk__in=keys)
        with audited(request, "revoked", chosen.families()):
            count = chosen.revoke()
        self.message_user(request, f"{count} revoked.")


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(ModelAdmin):
    """The audit log, to be read."""

    list_display = ("at", "operator_email", "address", "action", "kind", "label")
    list_filter = ("action", "kind")
    search_fields = ("operator_email", "operator_id", "object_id", "label")
    date_hierarchy = "at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entries are made by what operators do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody changes them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        """Nobody deletes them."""
        return False
