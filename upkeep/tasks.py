"""Celery's tasks, on the schedule of CELERY_BEAT_SCHEDULE."""

from typing import Any

from celery import shared_task
from celery.signals import after_task_publish
from django.db import connection

from storage.models import Heartbeat
from storage.models.upkeep import BEAT, WORKER
from upkeep import purge as purging
from upkeep import thread

HEARTBEAT = "stash.heartbeat"


@shared_task(name="stash.purge", ignore_result=True)
def purge() -> None:
    """Every minute."""
    purging.purge()


@shared_task(name="stash.roll_up", ignore_result=True)
def roll_up() -> None:
    """Every minute: the usage that is too old for any chart goes, and the busiest are ranked."""
    thread.roll_up()


@shared_task(name=HEARTBEAT, ignore_result=True)
def heartbeat() -> None:
    """A worker lives, since this runs."""
    Heartbeat.of(WORKER)


@after_task_publish.connect(sender=HEARTBEAT)
def published(**_: Any) -> None:
    """beat lives, and reaches the broker: nobody else publishes it, and this runs where it was published."""
    try:
        Heartbeat.of(BEAT)
    finally:
        if not connection.in_atomic_block:
            # Nobody does it for beat, as for a worker's tasks: a restarted database would never be found again.
            connection.close()
