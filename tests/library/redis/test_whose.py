"""Every answer is the asked one, or StoreUnavailable, and never another's. `make proof` tries it at length."""

from tests.library.redis.whose import ask_over_rough_wires
from tests.servers.redis_server import RedisServer

EXAMPLES = 40


def test_every_answer_over_a_rough_wire_is_the_asked_one_or_none(server: RedisServer) -> None:
    assert ask_over_rough_wires(server, examples=EXAMPLES, repeatable=True) > 0
