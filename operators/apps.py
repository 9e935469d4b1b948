"""The Django app of the operators' pages."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    """Operators' pages have no models of their own: they show those of `accounts` and `storage`."""

    name = "operators"
