"""Many requests about keys at once, over HTTP, with the users and keys on SQLite and on PostgreSQL."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx2
import pytest

from tests.acceptance.keys.holders import is_refused
from tests.server_process import ServerProcess
from tests.servers import shared

# Keys in bulk, since 1,000 requests would take their time.
FILL = """
import os
from accounts.models import ApiKey, User
user = User.objects.get(email="crowd@example.com")
count = {count} - user.keys.filter(revoked_at=None).count()
ApiKey.objects.bulk_create(
    [ApiKey(user=user, digest=os.urandom(32), visible_part="sk_live_fill") for _ in range(count)]
)
"""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Two worker processes."""
    settings = {}
    if request.param == "postgres":
        settings["DATABASE_URL"] = shared.postgres_server().create_database()
    process = ServerProcess(tmp_path_factory.mktemp("crowd"), "--workers", "2", **settings).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def root(server: ServerProcess) -> str:
    """The key of a user without a rate limit."""
    return server.create_key("crowd@example.com", "--tier", "enterprise")


def together(server: ServerProcess, key: str, count: int) -> list[httpx2.Response]:
    """The answers to as many mints, sent at once."""
    start = Barrier(count)

    def mint(_: int) -> httpx2.Response:
        with server.client(key) as client:
            client.get("/health/live")
            start.wait(30)
            return client.post("/keys", json={})

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(mint, range(count)))


def test_a_revocation_in_the_midst_of_mints_leaves_no_key_alive(server: ServerProcess, root: str) -> None:
    with server.client(root) as client:
        for _ in range(2):
            top = client.post("/keys", json={}).json()
            with server.client(top["key"]) as below:
                middle = below.post("/keys", json={}).json()
            with ThreadPoolExecutor(2) as pool:
                minting = pool.submit(together, server, middle["key"], 20)
                while len(client.get("/keys").json()["keys"]) < 6 and not minting.done():
                    pass
                revoked_at = time.monotonic()
                assert client.delete(f"/keys/{top['id']}").status_code == 204
                answers = minting.result()
            assert {answer.status_code for answer in answers} <= {201, 401, 429}
            time.sleep(max(0, revoked_at + 1 - time.monotonic()))
            assert len(client.get("/keys").json()["keys"]) == 1
            minted = [answer.json()["key"] for answer in answers if answer.status_code == 201]
            for key in [top["key"], middle["key"], *minted]:
                with server.client(key) as child:
                    assert is_refused(child)


def test_fifty_mints_at_the_bound_of_a_thousand_fill_it_and_no_more(server: ServerProcess, root: str) -> None:
    server.shell(FILL.format(count=995))

    answers = together(server, root, 50)

    assert Counter(answer.status_code for answer in answers) == {201: 5, 429: 45}
    refused = next(answer.json() for answer in answers if answer.status_code == 429)
    assert refused["code"] == "quota_exceeded"
    assert refused["detail"] == "This user has 1,000 live keys, the most there may be; revoke some."
    with server.client(root) as client:
        listed = client.get("/keys")
        assert len(listed.json()["keys"]) == 1_000
        assert client.delete(f"/keys/{listed.json()['keys'][0]['id']}").status_code == 204
        assert client.post("/keys", json={}).status_code == 201
