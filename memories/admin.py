"""What operators see of the purge, and of what each user keeps."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.admin_site import site
from memories.models import PurgeRun
from memories.user_page.urls import urlpatterns

site.pages += urlpatterns


@admin.register(PurgeRun, site=site)
class PurgeRunAdmin(ModelAdmin):
    """The purges of the last week, to be read."""

    list_display = ("finished_at", "memories", "bytes", "live_memories", "live_bytes")
    date_hierarchy = "finished_at"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The purge makes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """Nobody changes them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PurgeRun | None = None) -> bool:
        """They go by themselves, after a week."""
        return False
