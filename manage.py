#!/usr/bin/env python
"""Django's command line, for operators: `python manage.py help`."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")  # noqa: TID251 - Django's own switch

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
