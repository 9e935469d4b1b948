"""Tiers, as operators see and superusers change them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, ProtectedError, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import Tier
from accounts.models.user import DEFAULT_TIER
from operators.admin.limits_form import LimitsForm
from operators.audited_admin import AuditedAdmin
from operators.charts.units import several
from operators.site import site
from stash_memory.cli.measures import format_duration, format_size


class TierForm(LimitsForm, ModelForm):
    """Every limit of a tier."""


@admin.register(Tier, site=site)
class TierAdmin(AuditedAdmin, ModelAdmin):
    """All limits of the tiers, with their users. A change applies within a second, that of a pool after two."""

    form = TierForm
    list_display = ("name", "on_it", "payload", "ttl", "rate", "memories", "bytes", "pool")
    fieldsets = (
        (None, {"fields": ("name", "pool")}),
        ("Size and life", {"fields": ("payload_bytes", "default_ttl", "max_ttl")}),
        ("Rate", {"fields": ("requests_per_minute", "burst")}),
        ("Room of one user", {"fields": ("max_memories", "max_bytes")}),
    )
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        """Counts the users of each tier in the same query."""
        return super().get_queryset(request).annotate(users=Count("user"))

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> tuple[str, ...]:
        """Makes the name of an old tier read-only: users refer to it."""
        return () if obj is None else ("name",)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Deletes a tier, except one with users and that of new users; then tells the operator why."""
        tier = self.get_object(request, object_id)
        reason = (
            None if tier is None or not self.has_delete_permission(request, tier) else reason_to_keep(tier)
        )
        if reason is None:
            try:
                return super().delete_view(request, object_id, extra_context)
            except ProtectedError:
                # A user got this tier in the meantime.
                reason = f"The tier {object_id} has users; give them another tier first."
        self.message_user(request, reason, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:accounts_tier_change", args=[object_id]))

    @display(description="Users", ordering="users")
    def on_it(self, tier: Tier) -> str:
        """Returns the number of users, as a link to their list."""
        url = f"{reverse('admin:accounts_user_changelist')}?tier__name__exact={tier.name}"
        return format_html('<a href="{}">{}</a>', url, f"{tier.users:,}")

    @display(description="Payload", ordering="payload_bytes")
    def payload(self, tier: Tier) -> str:
        """Returns the most bytes of one memory."""
        return format_size(tier.payload_bytes)

    @display(description="TTL, default / most", ordering="max_ttl")
    def ttl(self, tier: Tier) -> str:
        """Both."""
        return f"{format_duration(tier.default_ttl)} / {format_duration(tier.max_ttl)}"

    @display(description="Requests a minute, burst", ordering="requests_per_minute")
    def rate(self, tier: Tier) -> str:
        """Returns rate and burst, or that there is no limit."""
        if tier.requests_per_minute is None:
            return "no limit"
        return f"{tier.requests_per_minute:,}, {tier.burst:,}"

    @display(description="Most memories", ordering="max_memories")
    def memories(self, tier: Tier) -> str:
        """Of one user."""
        return "no limit" if tier.max_memories is None else f"{tier.max_memories:,}"

    @display(description="Most bytes", ordering="max_bytes")
    def bytes(self, tier: Tier) -> str:
        """Of one user."""
        return "no limit" if tier.max_bytes is None else format_size(tier.max_bytes)


def reason_to_keep(tier: Tier) -> str | None:
    """Returns why the tier cannot be deleted, or None."""
    users = tier.user_set.count()
    if users:
        return f"The tier {tier} has {several(users, 'user')}; give them another tier first."
    return f"New users get the tier {tier}, so it must stay." if tier.name == DEFAULT_TIER else None
