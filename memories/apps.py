"""The Django app of the API's static files."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The API over HTTP. The label `memories` belongs to `storage`, which owns the tables."""

    name = "memories"
    label = "api"
