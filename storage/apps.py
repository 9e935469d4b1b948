"""The Django app of the tables."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """The app behind every table `memories_...`.

    The label is the name that the tables, permissions and admin pages had before this package did.
    """

    name = "storage"
    label = "memories"
