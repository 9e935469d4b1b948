"""An interrupted request leaves no answer for another. `make proof` interrupts at every line."""

from typing import get_args

import pytest

from tests.library.redis.clients import CLIENTS
from tests.library.redis.interrupted import State, interrupt_everywhere
from tests.servers.redis_server import RedisServer

# A prime, so as to fall upon all parts of what goes round.
STEP = 41


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("connection", get_args(State))
@pytest.mark.parametrize("kind", CLIENTS)
def test_whoever_asks_after_an_interrupt_gets_his_own_answer(
    server: RedisServer, kind: str, connection: State
) -> None:
    assert interrupt_everywhere(server, kind, connection, step=STEP) > 3
