"""`manage.py changepassword EMAIL`: Django's own, written down in the audit log."""

from typing import Any

from django.contrib.auth.management.commands.changepassword import Command as DjangoCommand

from accounts.audit import Actor, audited
from accounts.models import User


class Command(DjangoCommand):
    """Asks for the password twice."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        ours = User.objects.filter(email=(options["username"] or "").lower())
        with audited(Actor.at_shell("changepassword"), "password changed", ours):
            return super().handle(*args, **options)
