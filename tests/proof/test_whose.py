"""Every answer is the asked one, or StoreUnavailable, and never another's: over wires that nobody tried before."""

from tests.library.redis.conftest import server
from tests.library.redis.whose import ask_over_rough_wires
from tests.servers.redis_server import RedisServer

__all__ = ["server"]

EXAMPLES = 2_000


def test_every_answer_over_a_rough_wire_is_the_asked_one_or_none(server: RedisServer) -> None:
    answers = ask_over_rough_wires(server, examples=EXAMPLES, repeatable=False)
    print(f"\n{answers:,} answers over rough wires, and nobody had another's")
