"""Keys revoked over HTTP, by those who may and by those who may not."""

import time
from collections.abc import Callable

import httpx2
import pytest

from tests.acceptance.keys.holders import Holder, minted, names, refused_within_a_second
from tests.raw_http import exchange, head
from tests.server_process import ServerProcess

NEVER_WAS = "/keys/key_000000000000"


def test_revoking_a_key_revokes_its_descendants_in_every_process(root: httpx2.Client, holder: Holder) -> None:
    child = minted(root, prefix="run-42/")
    grandchild = minted(holder(child["key"]), read_only=True)
    clients = [holder(key["key"]) for key in (child, grandchild)]
    assert [client.get("/whoami").status_code for client in clients] == [200, 200]

    revoked, at = root.delete(f"/keys/{child['id']}"), time.monotonic()

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert all(refused_within_a_second(client, at) for client in clients)
    assert names(root) == ["root"]
    assert root.delete(f"/keys/{child['id']}").json()["code"] == "key_not_found"


def test_the_process_that_revoked_refuses_at_once(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    with server.client() as root:
        key = minted(root)
        with server.client(key["key"]) as child:
            for _ in range(3):
                assert child.get("/whoami").status_code == 200
            root.delete(f"/keys/{key['id']}")
            assert child.get("/whoami").status_code == 401


def test_a_key_may_revoke_itself_read_only_or_not(root: httpx2.Client, holder: Holder) -> None:
    for scope in ({}, {"read_only": True}, {"prefix": "run-42/"}):
        key = minted(root, **scope)
        child = holder(key["key"])

        assert child.delete(f"/keys/{key['id']}").status_code == 204
        assert refused_within_a_second(child, time.monotonic())


def test_foreign_keys_and_ids_that_never_were_are_the_same_404(
    root: httpx2.Client, mallory: httpx2.Client, holder: Holder
) -> None:
    victim = minted(root)
    foreign, never_was = mallory.delete(f"/keys/{victim['id']}"), mallory.delete(NEVER_WAS)
    scoped = holder(minted(root, prefix="run-42/")["key"])
    hidden = scoped.delete(f"/keys/{victim['id']}")

    assert foreign.status_code == 404
    assert foreign.json()["code"] == "key_not_found"
    assert foreign.content == never_was.content == hidden.content
    own_words = ("date", "x-request-id")
    assert [pair for pair in foreign.headers.items() if pair[0] not in own_words] == [
        pair for pair in never_was.headers.items() if pair[0] not in own_words
    ]
    assert victim["id"] not in mallory.get("/keys").text
    assert holder(victim["key"]).get("/whoami").status_code == 200


@pytest.mark.parametrize(
    "path", ["%00", "key_%0a", "%ff", "%", "x" * 3000, "sk_live_" + "0" * 38, "'--", "*", "%25"]
)
def test_what_is_no_id_is_a_404_too(server: ServerProcess, alice_key: str, path: str) -> None:
    answer = exchange(server, head("DELETE", f"/keys/{path}", alice_key))

    assert answer.status == 404
    assert b'"code":"key_not_found"' in answer.body
