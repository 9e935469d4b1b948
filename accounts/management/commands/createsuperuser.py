"""`manage.py createsuperuser`: Django's own, written down in the audit log."""

from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand
from django.db import transaction
from django.db.models import Max

from accounts.audit import Actor, record, snapshot
from accounts.models import User


class Command(DjangoCommand):
    """Asks for what it was not told."""

    def handle(self, *args: Any, **options: Any) -> None:
        last = User.objects.aggregate(last=Max("pk"))["last"] or 0
        super().handle(*args, **options)
        with transaction.atomic():
            for user in User.objects.filter(pk__gt=last, is_superuser=True):
                record(Actor.at_shell("createsuperuser"), "created", user, None, snapshot(user))
