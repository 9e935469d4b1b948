"""What happened to keys is logged by their ids, and never by their secrets."""

from collections.abc import Callable

from tests.server_process import ServerProcess


def test_each_operation_is_one_line_that_names_the_key(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    with server.client() as root:
        key = root.post("/keys", json={"name": "TOP-SECRET", "prefix": "TOP-SECRET/"}).json()
        root.get("/keys")
        root.get("/whoami")
        root.post("/keys", json={"TOP-SECRET": True})
        root.delete(f"/keys/{key['key']}")
        root.delete(f"/keys/{key['id']}")
        with server.client(key["key"]) as child:
            child.get("/whoami")
    server.stop()

    lines = [(line["event"], line.get("key_id"), line["status"]) for line in server.lines]
    assert lines == [
        ("key_created", key["id"], 201),
        ("keys_listed", None, 200),
        ("whoami", None, 200),
        ("payload_rejected", None, 400),
        ("key_missed", None, 404),
        ("key_revoked", key["id"], 204),
        ("auth_failed", None, 401),
    ]
    assert {line.get("user_id") for line in server.lines[:-1]} == {"usr_local"}
    for text in (server.out, server.err.replace(server.key, "")):
        assert "sk_" not in text
        assert "TOP-SECRET" not in text
