"""The Celery app with a schedule of seconds: beat's own has a run or two a minute of each task."""

from stash_site.celery import app

for job in app.conf.beat_schedule.values():
    job["schedule"] = 1.0

__all__ = ["app"]
