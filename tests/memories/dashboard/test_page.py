"""The dashboard: what it says, to whom, and in how many queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from memories.dashboard.purges import PurgeRow
from memories.models import Heartbeat, PurgeRun

Crowd = Callable[[int], None]


def shown(client: Client, window: str = "hour") -> dict[str, Any]:
    answer = client.get(f"/admin/?window={window}")
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
    assert (first.label, first.requests, first.share, first.refused) == (
        "tenant12@example.com",
        "120",
        "15 %",
        "24",
    )
    assert first.link == f"/admin/accounts/user/{User.objects.get(email=first.label).pk}/change/"
    assert keys.rows[0].label == "agent 12"
    assert keys.rows[0].link.startswith("/admin/accounts/apikey/")


def test_the_number_of_queries_does_not_grow_with_users(
    operator: Client, crowd: Crowd, settings: Any
) -> None:
    settings.HOSTED = True
    Heartbeat.of("beat")
    numbers = []
    for users in (2, 30):
        User.objects.filter(email__startswith="tenant").delete()
        crowd(users)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown(operator, "month")
        numbers.append(len(queries))

    # Two are the session's and the operator's.
    assert numbers == [10, 10]


def test_a_fresh_server_says_what_to_do(operator: Client) -> None:
    page = operator.get("/admin/").content.decode()

    assert "stash manage createkey" in page
    assert "Nothing in this time." in page
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
    assert page["purges"] == [PurgeRow(run.pk, run.finished_at, "5", "50 bytes", "7")]
    assert [(work.name, work.well) for work in page["works"]] == [("Purge", True)]
