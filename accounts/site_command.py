"""Management commands that fail as the rest of the command line does: in one sentence, with its exit codes."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class SiteCommand(BaseCommand):
    """Its CommandErrors say with `returncode` what they are: wrong use, or something that cannot be had now."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Django would put the error's class before the sentence. (`--traceback` still shows where it was raised.)"""
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            # A caller in Python, as `call_command` is, gets the error itself.
            if options.get("traceback") or not self._called_from_command_line:
                raise
            self.stderr.write(f"stash: {error}", lambda sentence: sentence)
            sys.exit(error.returncode)
