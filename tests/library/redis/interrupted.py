"""A recall that is interrupted at one line after another, as Ctrl-C or a worker's time limit does; and what follows."""

import itertools
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, ModuleType
from typing import Any, Literal, TypeAlias

import redis.connection
import redis.sentinel
from redis._parsers import hiredis as parser

from stash_memory.backends.redis import connections, link, wire
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, BOB, LONG, content
from tests.library.redis.clients import CLIENTS
from tests.servers.redis_server import RedisServer
from tests.servers.rough_wire import Manner, RoughWire

# Where the lines are that count: from a question to its answer.
MODULES: list[ModuleType] = [
    redis.connection,
    redis.sentinel,
    parser,
    connections,
    link,
    wire,
]
FILES = {module.__file__ for module in MODULES}
LARGE = b"large" * 20_000


class Interrupted(BaseException):
    """Comes out of any line."""


State: TypeAlias = Literal["new", "kept", "broken"]
Trace: TypeAlias = Callable[[FrameType, str, Any], "Trace | None"]


def interrupted_at(number: int, work: Callable[[], object]) -> bool:
    """Does the work, interrupted at its line of this number; whether it has so many."""
    passed = 0

    def trace(frame: FrameType, event: str, _: Any) -> "Trace | None":
        nonlocal passed
        if frame.f_code.co_filename not in FILES or (event == "call" and is_of_no_account(frame)):
            return None
        passed += event == "line"
        if passed == number:
            sys.settrace(None)
            raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Interrupted:
        return True
    finally:
        sys.settrace(before)
    return False


def is_of_no_account(frame: FrameType | None) -> bool:
    """Whether it is called when something is let go of, where nothing that is raised gets out."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def interrupt_everywhere(server: RedisServer, kind: str, connection: State, *, step: int) -> int:
    """Interrupts at every `step`th line, and looks at the next recalls, each by a user of his own; at how many.

    The recall finds a `connection`, or makes one. Answers are slow: those that nobody waits for any more come later.
    """
    with RoughWire(server.port, itertools.repeat(Manner(pause=0.001))) as slow:
        truth = RedisBackend(CLIENTS["direct"](server.port))
        users = [ALICE, BOB, "usr_carol"]
        for user in users:
            truth.put(user, "plan", [user.encode()], LONG)
        truth.put(ALICE, "large", [LARGE], LONG)
        truth.close()
        for number in itertools.count(1, step):
            backend = RedisBackend(CLIENTS[kind](slow.port))
            if connection != "new":
                backend.get(ALICE, "plan")
            if connection == "broken":
                slow.break_off()
            if not interrupted_at(number, partial(backend.get, ALICE, "large")):
                backend.close()
                return number // step
            for user in users:
                assert content(backend.get(user, "plan")) == user.encode(), number
            backend.close()
    raise AssertionError
