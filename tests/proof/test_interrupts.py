"""A recall is interrupted at each of its lines, in our own code and in the driver's: nobody gets its answer."""

from typing import get_args

import pytest

from tests.library.redis.clients import CLIENTS
from tests.library.redis.conftest import server
from tests.library.redis.interrupted import State, interrupt_everywhere
from tests.servers.redis_server import RedisServer

__all__ = ["server"]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("connection", get_args(State))
@pytest.mark.parametrize("kind", CLIENTS)
def test_whoever_asks_after_an_interrupt_gets_his_own_answer(
    server: RedisServer, kind: str, connection: State
) -> None:
    lines = interrupt_everywhere(server, kind, connection, step=1)
    print(f"\n{kind}, {connection}: interrupted at each of {lines} lines")
    assert lines > 100
