"""Celery's tasks."""

from celery import shared_task

from memories import purging


@shared_task(name="stash.purge", ignore_result=True)
def purge() -> None:
    """Every minute in hosted mode (CELERY_BEAT_SCHEDULE)."""
    purging.purge()
