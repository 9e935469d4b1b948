"""`manage.py createkey EMAIL`: a user, if there is none yet, and an API key."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import DatabaseError, transaction

from accounts.audit import Actor, audited, record, snapshot
from accounts.models import ApiKey, Tier, User
from accounts.site_command import SiteCommand
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE


class Command(SiteCommand):
    """Prints the key alone on one line of standard output; it is shown this once."""

    # Django's checks load every route, which is a third of the time that this takes; `make check` runs them.
    requires_system_checks = ()
    actor = Actor.at_shell("createkey")
    help = "Makes an API key for EMAIL, and the user if needed, and prints the key once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--tier", help="the user's tier; changes the tier of an existing user")
        parser.add_argument("--name", default="", help="what the key is for")
        parser.add_argument("--read-only", action="store_true", help="a key that may only recall")
        parser.add_argument("--prefix", default="", help="a key that reaches only ids with this prefix")
        parser.add_argument("--expires", type=int, metavar="SECONDS", help="seconds until the key expires")

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            with transaction.atomic():
                return self.create(options)
        except DatabaseError as error:
            raise CommandError(
                f"The database is not ready ({error}): run `stash serve` or `migrate` first.",
                returncode=UNAVAILABLE,
            ) from None

    def create(self, options: dict[str, Any]) -> str:
        """The key's secret. Raises CommandError."""
        email, tier = options["email"].lower(), options["tier"]
        if options["expires"] is not None and options["expires"] < 1:
            raise CommandError(
                "--expires must be a whole number of seconds, at least 1.", returncode=WRONG_USE
            )
        if tier is not None and not Tier.objects.filter(name=tier).exists():
            names = ", ".join(Tier.objects.values_list("name", flat=True))
            raise CommandError(f"There is no tier {tier!r}; choose one of: {names}.", returncode=WRONG_USE)
        try:
            validate_email(email)
            user = self.user(email, tier)
            key, secret = ApiKey.issue(
                user,
                name=options["name"],
                read_only=options["read_only"],
                prefix=options["prefix"],
                expires_in=options["expires"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=WRONG_USE) from None
        record(self.actor, "created", key, None, snapshot(key))
        self.stderr.write(f"For {user.email}, on the tier {user.tier_id}; shown this once:")
        return secret

    def user(self, email: str, tier: str | None) -> User:
        """The user with this address, on this tier."""
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, **({} if tier is None else {"tier_id": tier}))
            record(self.actor, "created", user, None, snapshot(user))
        elif tier is not None:
            with audited(self.actor, "changed", [user]):
                user.tier_id = tier
                user.save(update_fields=["tier"])
        if not user.tier.has_pool:
            raise CommandError(user.tier.without_pool, returncode=WRONG_USE)
        return user
