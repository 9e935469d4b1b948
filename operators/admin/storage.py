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


@admin.register(PurgeRun, site=site)
class PurgeRunAdmin(ModelAdmin):
    """The purges of the last week, to be read."""

    list_display = ("finished_at", "removed", "freed", "live", "live_size")
    date_hierarchy = "finished_at"
    show_full_result_count = False

    @display(description="Removed", ordering="memories")
    def removed(self, run: PurgeRun) -> str:
        """Memories."""
        return number(run.memories)

    @display(description="Bytes", ordering="bytes")
    def freed(self, run: PurgeRun) -> str:
        """Of what was removed."""
        return size(run.bytes)

    @display(description="Live afterwards", ordering="live_memories")
    def live(self, run: PurgeRun) -> str:
        """Memories."""
        return number(run.live_memories)

    @display(description="Their bytes", ordering="live_bytes")
    def live_size(self, run: PurgeRun) -> str:
        """Of what lived."""
        return size(run.live_bytes)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The purge makes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """Nobody changes them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """They go by themselves, after a week."""
        return False
