"""The usage's roll-up: one run at a time, by a task or by local mode's thread."""

import pytest
from django.utils import timezone

from accounts.models import Busiest, UsageMinute
from accounts.usage.buffer import Buffer
from accounts.usage.busiest import WINDOWS
from accounts.usage.upsert import write
from storage.models import Lease
from upkeep import tasks
from upkeep.thread import PurgeThread, roll_up


def count_three_hours_ago() -> None:
    buffer = Buffer(lambda: timezone.now().timestamp() - 3 * 3_600)
    buffer.count("usr_a", "key_1", 200, 1)
    write(buffer.take()[0])


@pytest.mark.django_db
def test_two_runs_never_overlap() -> None:
    count_three_hours_ago()
    with Lease.held("usage", 60):
        assert roll_up() is None
    assert UsageMinute.objects.count() == 3

    tasks.roll_up()

    assert not UsageMinute.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_local_mode_rolls_up_in_the_thread_that_purges(monkeypatch: pytest.MonkeyPatch) -> None:
    count_three_hours_ago()

    def purge() -> None:
        thread.stopping.set()

    monkeypatch.setattr("upkeep.thread.purge", purge)
    thread = PurgeThread(every_seconds=0.01)
    thread.start()
    thread.join(timeout=20)

    assert not UsageMinute.objects.exists()
    assert Busiest.objects.count() == 2 * len(WINDOWS)
