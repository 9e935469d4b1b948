"""The Celery app of hosted mode: `celery --app stash_site.celery worker` and `... beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")  # noqa: TID251 - Django's own switch

app = Celery("stash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
