"""The Django app of Celery's tasks and the management commands."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """Upkeep has no models: the leases, heartbeats and purge runs belong to `storage`."""

    name = "upkeep"
