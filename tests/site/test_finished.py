"""A request's end closes the connections to the database that its thread has opened."""

from threading import Thread

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from stash_site.django_seam import close_noted_connections, note_connection, thread_state


@pytest.mark.django_db(transaction=True)
def test_what_a_thread_opened_is_closed_when_its_request_ends() -> None:
    seen = []

    def request() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen.append((thread_state.may_have_connections, connection.connection is not None))
        close_noted_connections()
        seen.append((thread_state.may_have_connections, connection.connection is not None))

    connection_created.connect(note_connection)
    try:
        thread = Thread(target=request)
        thread.start()
        thread.join()
    finally:
        connection_created.disconnect(note_connection)

    assert seen == [(True, True), (False, False)]


def test_a_thread_that_opened_none_has_nothing_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr("stash_site.django_seam.close_old_connections", lambda: looked.append(None))

    thread = Thread(target=close_noted_connections)
    thread.start()
    thread.join()

    assert not looked
