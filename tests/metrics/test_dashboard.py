"""The dashboard and the alerts ask for metrics, and values of labels, that there are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.metrics.scraped import Scraped
from tests.server_process import ServerProcess

ROOT = Path(__file__).parents[2]
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
PANELS = json.loads((ROOT / "deploy/grafana/stash.json").read_text())["panels"]
# What Prometheus itself says of each server that it asks.
ITS_OWN = {"up"}


def expressions() -> Iterator[tuple[str, str]]:
    """Where each is, and what it says."""
    for rule in ALERTS:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


def selectors(found: Any) -> Iterator[Any]:
    """All in the expression, which name a metric and some labels."""
    if isinstance(found, promql_parser.VectorSelector):
        yield found
        return
    for part in ("expr", "lhs", "rhs", "vector_selector", "vs", "args", "param"):
        inner = getattr(found, part, None)
        for one in inner if isinstance(inner, list) else [inner]:
            if one is not None and type(one).__module__.startswith(("promql_parser", "builtins")):
                yield from selectors(one) if not isinstance(one, (str, int, float)) else ()


@pytest.fixture(scope="module")
def used(measured: ServerProcess) -> ServerProcess:
    """A server at which something of everything happened that a dashboard shows by name."""
    with measured.client() as client:
        memory_id = client.post("/stash", json={"data": 1}).json()["memory_id"]
        client.get(f"/recall/{memory_id}")
    with measured.client(measured.create_key("free@example.com")) as client:
        assert 429 in [client.get("/recall/x").status_code for _ in range(30)]
    with measured.stranger() as stranger:
        assert stranger.get("/recall/x").status_code == 401
    measured.manage("purge")
    return measured


@pytest.mark.parametrize(("where", "expression"), [pytest.param(*one, id=one[0]) for one in expressions()])
def test_it_asks_for_what_there_is(used: ServerProcess, where: str, expression: str) -> None:
    scraped = Scraped(used)
    found = list(selectors(promql_parser.parse(expression)))

    assert found
    assert len(found) == len(re.findall(r"stash_\w+|\bup\b", expression))
    assert {selector.name for selector in found} - ITS_OWN <= scraped.names()
    for selector in found:
        for matcher in selector.matchers.matchers:
            if matcher.name in ("event", "verb") and matcher.op == promql_parser.MatchOp.Equal:
                assert f'{matcher.name}="{matcher.value}"' in scraped.text


def test_the_guide_says_what_each_alert_means() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()

    assert [rule["alert"] for rule in ALERTS if f"**{rule['alert']}**" not in guide] == []
