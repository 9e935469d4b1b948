"""Bad keys are counted by the client's address, and nobody chooses that for himself."""

from collections.abc import Callable

from tests.server_process import ServerProcess

Servers = Callable[..., ServerProcess]
# The window of a minute may turn over once meanwhile.
MANY = 45


def statuses(server: ServerProcess, forwarded_for: Callable[[int], str]) -> list[int]:
    with server.client("sk_live_bad") as bad:
        return [
            bad.get("/recall/x", headers={"X-Forwarded-For": forwarded_for(n)}).status_code
            for n in range(MANY)
        ]


def test_x_forwarded_for_is_not_believed_by_default(own_server: Servers) -> None:
    assert 429 in statuses(own_server(), lambda n: f"192.0.2.{n}")


def test_behind_a_trusted_proxy_each_client_is_counted_by_itself(own_server: Servers) -> None:
    server = own_server(STASH_TRUSTED_PROXIES="127.0.0.0/8")
    assert set(statuses(server, lambda n: f"192.0.2.{n}")) == {401}


def test_what_a_client_makes_up_is_not_believed_behind_a_trusted_proxy_either(own_server: Servers) -> None:
    """A proxy adds whom it was called by to what the client wrote."""
    server = own_server(STASH_TRUSTED_PROXIES="127.0.0.0/8")
    assert 429 in statuses(server, lambda n: f"192.0.2.{n}, 198.51.100.1")
