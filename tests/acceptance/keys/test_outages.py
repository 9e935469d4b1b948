"""The database of users and keys goes away under a running server, and comes back."""

from collections.abc import Callable

from tests.server_process import ServerProcess
from tests.servers.postgres_server import PostgresServer


def test_a_stopped_postgresql_is_a_503_that_says_nothing_was_done(
    own_server: Callable[..., ServerProcess],
) -> None:
    postgres = PostgresServer()
    try:
        server = own_server(DATABASE_URL=postgres.create_database())
        with server.client() as root:
            key = root.post("/keys", json={}).json()
            postgres.stop()
            refused = [
                root.post("/keys", json={}),
                root.get("/keys"),
                root.delete(f"/keys/{key['id']}"),
            ]
            for answer in refused:
                assert answer.status_code == 503
                assert (answer.json()["code"], answer.json()["applied"]) == ("store_unavailable", False)
                assert "postgres" not in answer.text

            postgres.restart()

            assert len(root.get("/keys").json()["keys"]) == 2
            assert root.delete(f"/keys/{key['id']}").status_code == 204
    finally:
        postgres.stop()
