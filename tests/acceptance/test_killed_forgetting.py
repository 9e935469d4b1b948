"""A server is killed (SIGKILL) while it forgets all memories of a user: the audit log tells that it was begun."""

import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx2

from tests.acceptance.batch import batch
from tests.server_process import ServerProcess
from tests.servers.process import wait_until

PAGE = "/admin/users/usr_local/forget/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
# Long work: it is killed at its beginning.
BATCHES, STEP = 40, 100
SECONDS = 30


def keep(server: ServerProcess) -> int:
    """Stashes many; how many."""
    with server.client() as client:
        for _ in range(BATCHES):
            batch(client, *[{"verb": "stash", "data": "x"}] * STEP)
    return BATCHES * STEP


def actions(server: ServerProcess) -> list[str]:
    """What the audit log tells of the user, in its order."""
    database = sqlite3.connect(server.home / "site.db", timeout=SECONDS)
    try:
        query = "SELECT action FROM accounts_auditentry WHERE object_id = 'usr_local' ORDER BY id"
        return [row[0] for row in database.execute(query)]
    finally:
        database.close()


def post(operator: httpx2.Client, url: str, **fields: str) -> None:
    """A page's form; the answer never comes where the server is killed."""
    token = TOKEN.search(operator.get(url).text)
    assert token is not None
    with suppress(httpx2.TransportError):
        operator.post(url, data={"csrfmiddlewaretoken": token[1], **fields})


def test_the_audit_log_tells_what_was_begun(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    kept = keep(server)
    with httpx2.Client(base_url=server.url, follow_redirects=True, timeout=SECONDS) as operator:
        post(operator, server.manage("signinlink", server.url))
        forgetting = threading.Thread(target=post, args=(operator, PAGE), kwargs={"forget": "all"})
        forgetting.start()
        wait_until(lambda: bool(actions(server)), seconds=SECONDS)
        server.kill()
        forgetting.join()

    assert actions(server) == ["forgetting memories"], "it was killed too late"
    server.restart()
    with server.client() as client:
        assert 0 < client.get("/whoami").json()["usage"]["memories"] <= kept
