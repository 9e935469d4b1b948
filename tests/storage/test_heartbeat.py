"""Heartbeats of beat and worker."""

from datetime import UTC, datetime

import pytest
from celery.signals import after_task_publish

from storage.models import Heartbeat
from storage.models.upkeep import BEAT, WORKER
from upkeep import tasks

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_a_part_is_known_by_when_it_was_last_seen() -> None:
    assert Heartbeat.all_known() == {}
    Heartbeat.of(BEAT, THEN.replace(hour=11))
    Heartbeat.of(BEAT, THEN)

    assert Heartbeat.all_known() == {BEAT: THEN}


@pytest.mark.django_db
def test_whoever_publishes_the_heartbeat_is_beat_and_whoever_runs_it_is_a_worker() -> None:
    after_task_publish.send(sender="stash.purge")
    assert Heartbeat.all_known() == {}

    after_task_publish.send(sender="stash.heartbeat")
    assert set(Heartbeat.all_known()) == {BEAT}

    tasks.heartbeat()
    assert set(Heartbeat.all_known()) == {BEAT, WORKER}
