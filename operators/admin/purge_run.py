"""What operators see of the purge, and of what each user keeps."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from operators.charts.units import number, size
from operators.site import site
from operators.user_page.urls import urlpatterns
from storage.models import PurgeRun

site.pages += urlpatterns


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

    @display(description="Live after it", ordering="live_memories")
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
