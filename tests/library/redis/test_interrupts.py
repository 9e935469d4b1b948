"""An interrupted request leaves no answer for another. `make proof` interrupts at every line."""

import pytest

from tests.library.redis.interrupted import CLIENTS, interrupt_everywhere
from tests.servers.redis_server import RedisServer

# A prime, so as to fall upon all parts of what goes round.
STEP = 23


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept"])
@pytest.mark.parametrize("kind", CLIENTS)
def test_whoever_asks_after_an_interrupt_gets_his_own_answer(
    server: RedisServer, kind: str, kept: bool
) -> None:
    assert interrupt_everywhere(server, kind, kept=kept, step=STEP) > 3
