"""The dashboard: what it says, to whom, and in how many queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.usage.buffer import Buffer
from accounts.usage.upsert import write
from operators.dashboard import pools as pools_module
from operators.dashboard.pools import DOWN, PoolState
from operators.dashboard.upkeep import PurgeRow
from storage.models import Heartbeat, PurgeRun
from storage.pools import Pools
from tests.backends import MemoryBackend

Crowd = Callable[[int], None]


def shown(client: Client, window: str = "hour") -> dict[str, Any]:
    return opened(client, f"?window={window}")


def opened(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/admin/{query}")
    assert answer.status_code == 200
    assert answer.context is not None
    return dict(answer.context["dashboard"])


@pytest.mark.parametrize("window", ["hour", "day", "month"])
def test_it_shows_what_was_asked_in_the_window(operator: Client, crowd: Crowd, window: str) -> None:
    crowd(3)

    page = shown(operator, window)

    figures = {tile.name: (tile.figure, tile.aside) for tile in page["tiles"]}
    assert figures["Requests a minute"][1] == "60 in all"
    assert figures["429, over a limit"] == ("20 %", "12 requests")
    assert figures["5xx, our faults"] == ("10 %", "6 requests")
    assert (figures["Stashes"], figures["Recalls"]) == (("30", "0 updates"), ("12", "50 % found"))
    assert [
        (chart.title, [(one.name, one.total) for one in chart.series]) for chart in page["charts"][:3]
    ] == [
        ("Requests", [("answered", "36"), ("other 4xx", "6"), ("429", "12"), ("5xx", "6")]),
        ("Stashes and recalls", [("stashed", "30"), ("recalled", "12")]),
        ("Recalls by outcome", [("found", "6"), ("expired", "6"), ("missing", "0")]),
    ]
    assert sum(page["charts"][0].series[0].numbers) == 36


def test_who_hammers_it_is_seen_at_a_glance(operator: Client, crowd: Crowd) -> None:
    crowd(12)

    users, keys = shown(operator)["busiest"]

    assert len(users.rows) == len(keys.rows) == 10
    first = users.rows[0]
    assert (first.label, first.requests, first.share, first.refused, first.failed) == (
        "tenant12@example.com",
        "120",
        "15 %",
        "24",
        "12",
    )
    assert first.link == f"/admin/accounts/user/{User.objects.get(email=first.label).pk}/change/"
    assert keys.rows[0].label == "agent 12"
    assert keys.rows[0].link.startswith("/admin/accounts/apikey/")


def test_who_floods_the_service_is_named_before_the_next_roll_up(operator: Client, crowd: Crowd) -> None:
    crowd(3)
    flood(User.objects.get(email="tenant1@example.com"), 100)

    page = opened(operator)

    assert [row.label for table in page["busiest"] for row in table.rows[:1]] == [
        "tenant1@example.com",
        "agent 1",
    ]
    assert page["busiest_window"] == "last 5 minutes"


@pytest.mark.parametrize(
    ("query", "window", "busiest"),
    [
        ("", "last hour", "last 5 minutes"),
        ("?window=day", "last 24 hours", "last 24 hours"),
        ("?window=day&busiest=now", "last 24 hours", "last 5 minutes"),
        ("?window=hour&busiest=month", "last hour", "last 30 days"),
        ("?window=never&busiest=never", "last hour", "last 5 minutes"),
    ],
)
def test_the_busiest_are_those_of_the_window_that_was_chosen(
    operator: Client, crowd: Crowd, query: str, window: str, busiest: str
) -> None:
    crowd(1)

    page = opened(operator, query)

    assert (page["window"], page["busiest_window"]) == (window, busiest)
    assert [spoken for _, spoken, chosen in page["busiest_windows"] if chosen] == [busiest]
    assert [row.requests for row in page["busiest"][0].rows] == ["10"]
    assert [row.share for row in page["busiest"][0].rows] == ["100 %"]


def flood(user: User, times: int) -> None:
    """So many requests, which no roll-up has seen yet."""
    buffer = Buffer()
    for _ in range(times):
        buffer.count(user.public_id, user.keys.get().public_id, 200, 1)
    write(buffer.take()[0])


def test_the_number_of_queries_does_not_grow_with_users(
    operator: Client, crowd: Crowd, settings: Any
) -> None:
    settings.HOSTED = True
    Heartbeat.of("beat")
    numbers = []
    for users in (2, 30):
        User.objects.filter(email__startswith="tenant").delete()
        crowd(users)
        for query in ("?window=month", ""):
            with CaptureQueriesContext(connection) as queries:
                opened(operator, query)
            numbers.append(len(queries))

    # Two are the session's and the operator's.
    assert numbers == [10, 12, 10, 12]


def test_a_fresh_server_says_what_to_do(operator: Client) -> None:
    page = operator.get("/admin/").content.decode()

    assert "stash manage createkey" in page
    assert "No data in this window." in page
    assert "None yet." in page


@pytest.mark.parametrize(("group", "sees"), [("viewer", True), ("operator", True), (None, False)])
def test_it_is_for_those_who_may_see_usage(db: None, group: str | None, sees: bool) -> None:
    user = User.objects.create_user("staff@example.com", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)

    assert ("Requests a minute" in client.get("/admin/").content.decode()) == sees


def test_the_snapshot_is_shown_with_its_age_and_by_pool(operator: Client) -> None:
    facts: dict[str, Any] = {"memories": 5, "bytes": 50, "live_memories": 7, "live_bytes": 2048}
    run = PurgeRun.record(
        started_at="2026-03-01T12:00:00Z", pools={"default": {"memories": 7, "bytes": 2048}}, **facts
    )

    page = shown(operator)

    figures = {tile.name: (tile.figure, tile.aside) for tile in page["tiles"]}
    assert figures["Live memories"] == ("7", "2.0 KB, 0 s ago")
    assert [(pool.name, pool.memories, pool.bytes, pool.state.up) for pool in page["pools"]] == [
        ("default", "7", "2.0 KB", True)
    ]
    assert page["purges"] == [PurgeRow(run.pk, run.finished_at, "5", "50 bytes", "7", "")]
    assert [(work.name, work.well) for work in page["works"]] == [("Purge", True)]
    assert page["alarms"] == []


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Pools:
    """Three of them, of which `pro` is down and `free` warns."""
    pools = Pools(dict.fromkeys(("enterprise", "free", "pro"), MemoryBackend))
    known = {
        "enterprise": PoolState(up=True),
        "free": PoolState(True, [], ["The last snapshot failed."]),
        "pro": DOWN,
    }
    monkeypatch.setattr(pools_module, "pools", lambda: pools)
    monkeypatch.setattr(pools_module, "states", lambda now: known)
    return pools


def test_a_pool_that_is_ill_is_said_before_all_else(operator: Client, pools: Pools) -> None:
    counted = {"memories": 3, "bytes": 30}
    for at, pro in (("11:00", counted), ("12:00", counted), ("12:01", None), ("12:02", None)):
        PurgeRun.record(
            started_at=timezone.now(),
            finished_at=f"{timezone.now():%Y-%m-%d}T{at}:00Z",
            memories=0,
            bytes=0,
            live_memories=1_000,
            live_bytes=2_048,
            pools={"enterprise": counted, "free": counted, "pro": pro},
        )

    html = operator.get("/admin/").content.decode()
    page = shown(operator)

    assert [(pool.name, pool.state.up) for pool in page["pools"]] == [
        ("pro", False),
        ("free", True),
        ("enterprise", True),
    ]
    assert [(alarm.pool, alarm.down, alarm.warnings) for alarm in page["alarms"]] == [
        ("pro", True, []),
        ("free", False, ["The last snapshot failed."]),
    ]
    assert f"{page['alarms'][0].counted_at:%H:%M:%S}" == "12:00:00"
    live = next(tile for tile in page["tiles"] if tile.name == "Live memories")
    assert live.aside.endswith(" ago, without pro")
    assert [run.without for run in page["purges"]] == ["without pro", "without pro", "", ""]
    assert (
        html.index('role="alert"') < html.index("Pool pro does not answer.") < html.index("Requests a minute")
    )
    assert "12:00:00 UTC" in html


def test_a_pool_that_was_never_reached_has_no_time(operator: Client, pools: Pools) -> None:
    alarm = shown(operator)["alarms"][0]

    assert (alarm.pool, alarm.counted_at) == ("pro", None)
    assert "The purge last reached it" not in operator.get("/admin/").content.decode()
