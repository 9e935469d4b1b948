"""The Django app."""

from django.apps import AppConfig


class MemoriesConfig(AppConfig):
    """The API over HTTP."""

    name = "memories"
