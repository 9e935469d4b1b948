"""The Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, API keys and tiers."""

    name = "accounts"
