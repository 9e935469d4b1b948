"""What the walk's steps are drawn from. What is listed twice is drawn twice as often."""

from typing import Any

from hypothesis import strategies as st

from stash_memory.backends.body import INLINE_BYTES
from stash_memory.bucket import Bucket, Spend
from tests.contract.cast import DAY
from tests.contract.machine.body import Body
from tests.contract.machine.intent import Choice, Intent, Room

# Neighbours: ids and users that begin alike, and letters that a careless comparison takes for each other.
NEIGHBOURS = ["run-4", "run-42", "run-4/a", "run-4/b"]
IDS = [*NEIGHBOURS, *NEIGHBOURS, "plan", "Plan", "a%", "ab", "é", "e\u0301", "\uffff", "🦊"]
PREFIXES = ["run-4", "run-4", "run-4/", "run-42", "p", "a%", "a", "e", "\uffff", "", ""]
NAMES = ["usr_a", "usr_ab"]

# A recall under way may lose its value this long after it was replaced, and no sooner.
RECALL_MS = 10 * 60 * 1000

# The outcome of a spend that was decided before the call.
DECIDED = Bucket(granted=1, remaining=3, full_after_ms=700, retry_after_ms=0)

users = st.sampled_from(NAMES)
doors = st.integers(0, 1)
ids = st.sampled_from(IDS)
prefixes = st.sampled_from(PREFIXES)
places = st.integers(0, 15)
known = st.none() | places | places | places
moments = st.sampled_from([1, 1, 29, 30, 31, 31, 70, 70, 149, 300, 60_000, RECALL_MS, DAY - 1])
lives = st.sampled_from([1, 30, 80, 150, 300, 600_000, 600_000, 900_000])
sizes = st.sampled_from([0, 1, 10, 10, 10, 11, 40, INLINE_BYTES + 9])
bodies = st.builds(Body, st.integers(65, 90), sizes)
versions: st.SearchStrategy[Choice] = st.sampled_from(
    [None, None, None, "newest", "newest", "older", "never"]
)
put_versions: st.SearchStrategy[Choice] = st.sampled_from(
    [None, None, None, None, "newest", "newest", "older"]
)
absences = st.sampled_from([False, False, False, True])
rooms = st.none() | st.builds(Room, st.sampled_from([None, 0, 0, -1]), st.sampled_from([None, 0, 0, -1, 9]))


def _intents(verb: str, **drawn: st.SearchStrategy[Any]) -> st.SearchStrategy[Intent]:
    """Intents whose other blanks are as they are by default: `builds` alone would draw those too."""
    fixed = {name: st.just(value) for name, value in Intent._field_defaults.items()}
    return st.builds(Intent, st.just(verb), **fixed | {"id": ids, "known": known} | drawn)


gets = _intents("get", version=versions)
deletes = _intents("delete", version=versions)
puts = _intents("put", body=bodies, version=put_versions, if_absent=absences, ttl_ms=lives, room=rooms)
updates = _intents(
    "update",
    body=st.none() | bodies,
    version=versions,
    ttl_ms=lives,
    extra_ms=st.none() | lives,
    at_least_ms=st.none() | lives,
    room=rooms,
).filter(lambda update: update.body or update.extra_ms or update.at_least_ms)
any_intent = st.one_of(gets, puts, puts, updates, deletes)
batches = st.lists(any_intent, min_size=1, max_size=6)
beginnings = st.lists(_intents("put", known=st.none(), body=bodies, ttl_ms=lives), min_size=6, max_size=9)


def _spend(rate: float, burst: int, cost: int, bucket: Bucket | None) -> Spend:
    return Spend(rate, burst, cost, bucket)


rates = st.sampled_from([0.5, 3, 40])
bursts = st.sampled_from([1, 3, 10])
decisions = st.sampled_from([None, None, None, DECIDED])
spends = st.none() | st.none() | st.builds(_spend, rates, bursts, st.just(1), decisions)
costs = st.builds(_spend, rates, bursts, st.integers(1, 12), st.none())
