"""What limits make of TTLs, rates and caps."""

from typing import Any

import pytest

from stash_memory.errors import InvalidRequest
from stash_memory.limits import Limits
from stash_memory.operations import Put, Recall, Update
from stash_memory.operations.members import read_seconds
from stash_memory.records import Caps

LIMITS = Limits(payload_bytes=100, default_ttl=60, max_ttl=600)


def test_a_ttl_is_seconds_and_the_default_where_none_is_given() -> None:
    assert LIMITS.bounds.default_ttl_ms == 60_000
    assert read_seconds(1, "ttl") == 1_000
    assert read_seconds(600, "ttl") == 600_000
    assert Put("a", (b"1",), read_seconds(600, "ttl")).bound(LIMITS).ttl_ms == 600_000


def test_a_ttl_over_the_maximum_is_told_the_maximum() -> None:
    with pytest.raises(InvalidRequest, match="ttl is over the maximum of 600 seconds"):
        Put("a", (b"1",), 601_000).bound(LIMITS)


@pytest.mark.parametrize("value", [0, -1, 1.0, 1.5, "60", True, False, [], 10**30 * 1.0])
def test_only_whole_seconds_are_seconds(value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_seconds(value, "ttl")
    assert refused.value.field == "ttl"


def test_an_extension_is_held_to_the_maximum() -> None:
    assert Update("a", None, 10**33).bound(LIMITS).extra_ms == 600_000
    assert Recall("a", None, 10**33).bound(LIMITS).at_least_ms == 600_000


def test_a_rate_is_a_bucket() -> None:
    spend = Limits(1, 1, 1, requests_per_minute=90, burst=7).spend(cost=3)

    assert spend is not None
    assert (spend.rate, spend.burst, spend.cost, spend.bucket) == (1.5, 7, 3, None)
    assert LIMITS.spend() is None


def test_caps_are_none_where_there_are_none() -> None:
    assert LIMITS.caps is None
    assert Limits(1, 1, 1, max_memories=5).caps == Caps(5, None)
    assert Limits(1, 1, 1, max_bytes=5).caps == Caps(None, 5)
