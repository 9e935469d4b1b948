"""`manage.py preparelocal`: the first step of `stash serve` in local mode."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.local import prepare
from accounts.site_command import SiteCommand
from stash_memory.errors import StashError
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE
from stash_memory.limits import Limits
from stash_memory.operations import Recall
from storage.store import pools
from upkeep.prepare import check_tiers


class Command(SiteCommand):
    """Migrates the database, makes the local user and its key, and checks that the store answers."""

    # Django's checks load every route and take a third of this command's time; `make check` runs them.
    requires_system_checks = ()
    help = "Migrates, makes the local user and its key if needed, and checks the store."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HOSTED:
            raise CommandError("This is for local mode; STASH_MODE is hosted.", returncode=WRONG_USE)
        limits = Limits(
            payload_bytes=settings.STASH_MAX_PAYLOAD_BYTES,
            default_ttl=settings.STASH_DEFAULT_TTL,
            max_ttl=settings.STASH_MAX_TTL,
        )
        key_file = settings.STASH_HOME / "local_key"
        try:
            call_command("migrate", verbosity=0, interactive=False)
            prepare(key_file, limits)
            check_tiers()
            for name in pools():
                check_answers(name)
        except DatabaseError as error:
            raise CommandError(
                f"The database of users and keys cannot be used: {error}.", returncode=UNAVAILABLE
            ) from None
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"{key_file} cannot be read or written.", returncode=UNAVAILABLE) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=WRONG_USE) from None
        except StashError as error:
            raise CommandError(error.detail, returncode=UNAVAILABLE) from None


def check_answers(name: str) -> None:
    """Raises StashError if the pool does not answer; `memory missing` is an answer."""
    pools()[name].do("usr_nobody", [Recall("health")])
