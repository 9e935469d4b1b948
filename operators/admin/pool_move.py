"""Moves between pools, as operators see them."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import PoolMove
from operators.audited_admin import AuditedAdmin
from operators.site import site


@admin.register(PoolMove, site=site)
class PoolMoveAdmin(AuditedAdmin, ModelAdmin):
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

    def has_change_permission(self, request: HttpRequest, obj: PoolMove | None = None) -> bool:
        """There is nothing to change."""
        return False
