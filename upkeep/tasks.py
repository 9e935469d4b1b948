"""Celery's tasks, on the schedule of CELERY_BEAT_SCHEDULE.

Their registered names are fixed: beat and workers of two releases run side by side during an upgrade.
"""

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
    """Removes expired memories, every minute."""
    purging.purge()


@shared_task(name="stash.roll_up", ignore_result=True)
def roll_up() -> None:
    """Deletes usage too old for any chart and ranks the busiest, every minute."""
    thread.roll_up()


@shared_task(name=HEARTBEAT, ignore_result=True)
def heartbeat() -> None:
    """Records that a worker lives: one has just run this."""
    Heartbeat.of(WORKER)


@after_task_publish.connect(sender=HEARTBEAT)
def published(**_: Any) -> None:
    """Records that beat lives and reaches the broker: beat alone publishes heartbeats, and this runs in its process."""
    try:
        Heartbeat.of(BEAT)
    finally:
        if not connection.in_atomic_block:
            # Celery closes connections for workers but not for beat, which would never find a restarted database again.
            connection.close()
