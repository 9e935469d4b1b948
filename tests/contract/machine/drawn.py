"""What Hypothesis draws: versions by what they are to the record, times and rates as a hand clock has them."""

from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from stash_memory.backends.base import Buffer, Caps, Delete, Get, Put, Update
from tests.contract.cast import ALICE, BOB, DAY, LONG

CURRENT, FORMER, UNKNOWN = "current", "former", "0123456789abcdef"

# Her name begins with another's, and what she calls "%" would be that one's "a%" to who only joins the two.
ALICEA = ALICE + "a"
USERS = [ALICE, BOB, ALICEA]
IDS = ["a", "a/1", "a/2", "a%", "a_", "ab", "A", "%", "\u00e9", "e\u0301", "ž", "🦊", "\uffff"]
PREFIXES = ["", "a", "a/", "a%", "a_", "%", "e", "\u00e9", "🦊", "none"]
SIZES = [0, 1, 5, 5, 20, 20, 70_000, 1_100_000]


@cache
def pattern() -> bytes:
    """More bytes than any body has; a piece that is cut from elsewhere is another."""
    return bytes(range(251)) * 5_000


class Body(list[Buffer]):
    """Buffers that are shown as what made them."""

    def __init__(self, size: int, first: int = 0, parts: int = 1) -> None:
        data = pattern()[first : first + size]
        kinds = (bytes, bytearray, memoryview)
        step = size // parts + 1
        super().__init__(kinds[n % 3](data[n * step : (n + 1) * step]) for n in range(parts))
        self._made_from = f"Body({size}, {first}, {parts})"

    def __repr__(self) -> str:
        return self._made_from


class Asked(NamedTuple):
    """A spend to come; where it is `decided`, it is charged by itself beforehand."""

    rate: float = 1 / 3600
    burst: int = 3
    cost: int = 1
    decided: bool = False


users = st.sampled_from([ALICE, *USERS])
ids = st.sampled_from(["a", "a/1"]) | st.sampled_from(IDS)
prefixes = st.sampled_from(PREFIXES)
doors = st.integers(0, 1)
limits = st.sampled_from([1, 2, 3, 100])
budgets = st.sampled_from([1, 2, 5, 1_000])
bodies = st.builds(Body, st.sampled_from(SIZES), st.integers(0, 3), st.integers(1, 3))
ttls = st.sampled_from([1, 2, 40, 1_000, LONG, LONG, LONG])
extensions = st.none() | st.sampled_from([1, 30, 1_000, LONG, 2 * LONG])
longest = st.sampled_from([1, 500, LONG, 3 * LONG])
versions = st.sampled_from([None, None, CURRENT, CURRENT, FORMER, UNKNOWN, ""])
caps = st.none() | st.builds(Caps, st.none() | st.integers(0, 4), st.none() | st.integers(0, 40))
rates = st.sampled_from([1 / 3600, 1 / 3, 2.0, 16.7, 1_000.0])
asked = st.none() | st.none() | st.builds(Asked, rates, st.integers(1, 5), st.integers(1, 3), st.booleans())
pauses = st.sampled_from([1, 3, 39, 500, 1_001, LONG, DAY - 1, DAY])
offsets = st.sampled_from([-1, 0, 0, 1, DAY - 1, DAY])

gets = st.builds(Get, ids, versions)
plain_puts = st.builds(Put, ids, bodies, ttls)
puts = st.builds(Put, ids, bodies, ttls, versions, st.booleans(), caps)
deletes = st.builds(Delete, ids, versions)
replacements = st.builds(Update, ids, bodies, extensions, extensions, longest, versions, caps)
extras = st.builds(Update, ids, st.none(), extensions.filter(bool), extensions, longest, versions, caps)
recalls = st.builds(Update, ids, st.none(), extensions, extensions.filter(bool), longest, versions, caps)
updates = replacements | extras | recalls
operations = st.lists(gets | plain_puts | puts | updates | deletes, max_size=6)
