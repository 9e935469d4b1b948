"""The Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Users, API keys and tiers."""

    name = "accounts"

    def ready(self) -> None:
        """Operators' roles follow the models, which `migrate` has just brought up to date."""
        from accounts.roles import make_roles

        post_migrate.connect(make_roles, dispatch_uid="accounts.roles")
