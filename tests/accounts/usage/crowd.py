"""One of several processes that flush at once: `python -m tests.accounts.usage.crowd SEED`."""

import json
import random
import sys

import django

USERS = 300
FLUSHES = 20


def work(seed: int) -> int:
    """Flushes counts of the same users, in an order of its own; returns how many flushes failed."""
    from accounts.usage.buffer import Buffer
    from accounts.usage.flusher import Flusher

    order, failed = random.Random(seed), 0
    buffer = Buffer(clock=lambda: 1_772_368_230.0)
    flusher = Flusher(buffer)
    for _ in range(FLUSHES):
        for number in order.sample(range(USERS), USERS):
            buffer.count(f"usr_{number}", f"key_{number}", 200, 1)
        failed += not flusher.flush()
    while not flusher.flush():
        pass
    return failed


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps({"failed": work(int(sys.argv[1]))}))
