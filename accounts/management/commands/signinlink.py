"""`manage.py signinlink URL`: what `stash dashboard` prints."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts.local import operator
from accounts.models import SignInLink, User
from accounts.site_command import SiteCommand
from stash_memory.exit_codes import WRONG_USE


class Command(SiteCommand):
    """Prints the link alone on one line of standard output."""

    help = "Makes a link that signs the local operator in to the admin once, within five minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="the server's address, such as http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> str:
        if settings.HOSTED:
            raise CommandError(
                "A sign-in link is for local mode; a hosted service's operators log in with e-mail and password "
                "(`manage.py createsuperuser`).",
                returncode=WRONG_USE,
            )
        try:
            token = SignInLink.issue(operator(), timezone.now())
        except (DatabaseError, User.DoesNotExist):
            raise CommandError(
                "There is no local user yet: `stash serve` makes one.", returncode=WRONG_USE
            ) from None
        return f"{options['url'].rstrip('/')}/admin/sign-in/{token}/"
