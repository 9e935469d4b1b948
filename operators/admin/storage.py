"""Moves between pools and runs of the purge, both read-only."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.models import PoolMove
from operators.audited_admin import AuditedAdmin
from operators.charts.units import number, size
from operators.site import site
from storage.models import PurgeRun


@admin.register(PoolMove, site=site)
class PoolMoveAdmin(AuditedAdmin, ModelAdmin):
    """Pools that hold older memories of users. A move ends by itself; deleting it gives up those memories."""

    list_display = ("user", "pool", "at", "look_at")
    list_filter = ("pool",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__public_id")
    fields = readonly_fields = ("user", "pool", "at", "look_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Denies it: users move when their tier changes."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PoolMove | None = None) -> bool:
        """Denies it: a move has nothing to change."""
        return False


@admin.register(PurgeRun, site=site)
class PurgeRunAdmin(ModelAdmin):
    """Purges of the last week, read-only."""

    list_display = ("finished_at", "removed", "freed", "live", "live_size")
    date_hierarchy = "finished_at"
    show_full_result_count = False

    @display(description="Removed", ordering="memories")
    def removed(self, run: PurgeRun) -> str:
        """Memories."""
        return number(run.memories)

    @display(description="Bytes", ordering="bytes")
    def freed(self, run: PurgeRun) -> str:
        """Returns the size of the removed memories."""
        return size(run.bytes)

    @display(description="Live afterwards", ordering="live_memories")
    def live(self, run: PurgeRun) -> str:
        """Memories."""
        return number(run.live_memories)

    @display(description="Their bytes", ordering="live_bytes")
    def live_size(self, run: PurgeRun) -> str:
        """Returns the size of the live memories."""
        return size(run.live_bytes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Denies it: the purge makes runs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """Denies it: a run is a record."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """Denies it: runs disappear after a week."""
        return False
