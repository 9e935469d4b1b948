"""Keys for sub-agents over HTTP: what is minted, and what a list tells of it."""

import re
import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.acceptance.keys.holders import Holder, is_refused, minted, names
from tests.servers.process import wait_until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NEVER_WAS = "/keys/key_000000000000"


def test_a_minted_key_is_told_once_with_what_it_may_do(root: httpx2.Client, holder: Holder) -> None:
    key = minted(root, name="sub", read_only=True, prefix="run-42/", expires_in=3600)

    assert set(key) == {"id", "key", "name", "read_only", "prefix", "expires_at", "parent"}
    assert re.fullmatch(r"key_\w{12}", key["id"])
    assert key["key"].startswith("sk_live_")
    assert (key["name"], key["read_only"], key["prefix"]) == ("sub", True, "run-42/")
    assert key["parent"] == root.get("/whoami").json()["key"]["id"]
    ends_in = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=3570) < ends_in <= timedelta(seconds=3600)
    assert holder(key["key"]).get("/recall/run-42/x").status_code == 404
    assert key["key"] not in root.get("/keys").text


def test_a_list_tells_keys_apart_without_their_secrets(root: httpx2.Client, holder: Holder) -> None:
    key = minted(root, name="sub", prefix="run-42/")
    holder(key["key"]).get("/recall/run-42/x")

    sub, first = root.get("/keys").json()["keys"]

    assert {name: sub[name] for name in key if name != "key"} == {
        name: value for name, value in key.items() if name != "key"
    }
    assert set(sub) - set(key) == {"visible_part", "created_at", "last_used"}
    assert key["key"].startswith(sub["visible_part"])
    assert len(sub["visible_part"]) == len("sk_live_") + 4
    assert TIME.fullmatch(sub["created_at"])
    assert (first["name"], first["parent"], first["expires_at"]) == ("root", None, None)


def test_a_list_tells_when_keys_were_last_used_within_ten_seconds(
    root: httpx2.Client, holder: Holder
) -> None:
    holder(minted(root, name="used")["key"]).get("/recall/x")
    minted(root, name="unused")

    def last_used() -> list[str | None]:
        return [key["last_used"] for key in root.get("/keys").json()["keys"]]

    wait_until(lambda: all(last_used()[1:]), seconds=10)
    unused, *others = last_used()

    assert unused is None
    assert all(TIME.fullmatch(str(at)) for at in others)


def test_read_only_is_about_memories_and_not_about_keys(root: httpx2.Client, holder: Holder) -> None:
    reader = holder(minted(root, name="reader", read_only=True)["key"])

    child = minted(reader, name="child")

    assert child["read_only"] is True
    assert sorted(names(reader)) == ["child", "reader"]
    assert reader.delete(f"/keys/{child['id']}").status_code == 204
    refused = [
        reader.post("/stash", json={"data": 1}),
        reader.patch("/update/x", json={"data": 1}),
        reader.delete("/forget/x"),
        reader.post("/keys", json={"read_only": False}),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "scope_denied")}


def test_a_child_is_held_to_its_scope(root: httpx2.Client, holder: Holder) -> None:
    memory_id = root.post("/stash", json={"data": "root's"}).json()["memory_id"]
    runner = holder(minted(root, prefix="run-42/")["key"])
    child = holder(minted(runner, prefix="run-42/a/")["key"])

    own = child.post("/stash", json={"data": "child's"}).json()["memory_id"]

    assert own.startswith("run-42/a/")
    assert runner.get(f"/recall/{own}").json()["data"] == "child's"
    assert child.get(f"/recall/{memory_id}").status_code == 403
    assert child.get("/recall/run-42/b").status_code == 403
    for prefix in (
        "",
        "run-4",
        "run-42",
        "run-42",
        "RUN-42/",
        "run-42\u2215a",
        "run-42\u0338/",
        "\u200brun-42/",
    ):
        refused = runner.post("/keys", json={"prefix": prefix})
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_denied")
        assert "must begin with 'run-42/'" in refused.json()["detail"]


def test_a_child_expires_with_its_parent(root: httpx2.Client, holder: Holder) -> None:
    parent = minted(root, expires_in=2)
    child = minted(holder(parent["key"]))
    assert child["expires_at"] == parent["expires_at"]
    refused = holder(parent["key"]).post("/keys", json={"expires_in": 3})
    assert refused.status_code == 403
    assert f"expires at {parent['expires_at']}" in refused.json()["detail"]

    deadline = time.monotonic() + 10
    with_child = holder(child["key"])
    while not (refused := is_refused(with_child)) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert refused
    assert names(root) == ["root"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", "/keys", "GET, HEAD, POST"), ("GET", NEVER_WAS, "DELETE"), ("POST", "/whoami", "GET, HEAD")],
)
def test_a_wrong_method_names_the_right_ones(
    alice: httpx2.Client, method: str, path: str, allowed: str
) -> None:
    refused = alice.request(method, path)

    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/keys/", "/keys/a/b", "/whoami/", "/keys//"])
def test_other_paths_are_not_there(root: httpx2.Client, path: str) -> None:
    assert root.delete(path).json()["code"] == "path_not_found"
