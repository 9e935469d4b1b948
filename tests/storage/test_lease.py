"""Leases: one holder at a time."""

from datetime import timedelta
from threading import Barrier, Thread, get_ident

import pytest
from django.db import connection
from django.utils import timezone

from storage.models import Lease


@pytest.mark.django_db
def test_a_second_holder_is_refused_until_the_first_lets_go() -> None:
    with Lease.held("work", 60) as mine:
        assert mine
        with Lease.held("work", 60) as theirs:
            assert not theirs
        with Lease.held("other work", 60) as another:
            assert another
    with Lease.held("work", 60) as again:
        assert again


@pytest.mark.django_db
def test_a_refused_holder_does_not_let_go_of_what_is_not_its_own() -> None:
    with Lease.held("work", 60):
        with Lease.held("work", 60):
            pass
        with Lease.held("work", 60) as still_held:
            assert not still_held


@pytest.mark.django_db
def test_a_killed_holders_lease_runs_out() -> None:
    Lease.objects.create(name="work", holder="killed", expires_at=timezone.now() - timedelta(seconds=1))

    with Lease.held("work", 60) as mine:
        assert mine


@pytest.mark.django_db
def test_a_lease_is_given_back_when_the_work_fails() -> None:
    def fail() -> None:
        with Lease.held("work", 60):
            raise ValueError("the work failed")

    with pytest.raises(ValueError, match="the work failed"):
        fail()
    with Lease.held("work", 60) as mine:
        assert mine


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_threads_at_once_one_gets_it() -> None:
    start, results = Barrier(16), []

    def work() -> None:
        start.wait()
        results.append(Lease.take("work", holder=str(get_ident()), seconds=60))
        connection.close()

    threads = [Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False] * 15 + [True]
