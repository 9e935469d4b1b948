"""A listing while others write: what lives throughout is shown exactly once."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.server_process import ServerProcess

LASTING = [f"{number:03}-lasting" for number in range(120)]


def listed(client: httpx2.Client, **query: Any) -> list[str]:
    """Every page's ids, one after another."""
    ids: list[str] = []
    while True:
        page = client.get("/stash", params=query).json()
        ids += [memory["memory_id"] for memory in page["memories"]]
        if page["cursor"] is None:
            return ids
        query["cursor"] = page["cursor"]


def put_lasting(client: httpx2.Client, folder: str = "") -> None:
    for start in range(0, len(LASTING), 60):
        puts = [
            {"verb": "put", "memory_id": folder + name, "data": 1} for name in LASTING[start : start + 60]
        ]
        answer = client.post("/batch", json={"operations": puts})
        assert {result["status"] for result in answer.json()["results"]} == {201}


@contextmanager
def passers_by(
    server: ServerProcess, key: str, folder: str = "", *, others_forget: bool = False
) -> Iterator[None]:
    """Two who put memories between the lasting ones, forget some and let others expire, for as long as this lasts.

    Where `others_forget` too, what one of the two goes to forget may be gone.
    """
    done = threading.Event()
    failed: list[int] = []
    may_be = {204, 404, 410} if others_forget else {204, 410}

    def come_and_go(who: int) -> None:
        with server.client(key) as client:
            for turn in itertools.count():
                if done.is_set():
                    return
                memory_id = f"{folder}{turn * 7 % 120:03}-passing-{who}-{turn}"
                came = client.put(f"/stash/{memory_id}", json={"data": 1, "ttl": 1}).status_code
                went = client.delete(f"/forget/{memory_id}").status_code if turn % 2 else 204
                failed.extend(({came} - {201}) | ({went} - may_be))

    crowd = [threading.Thread(target=come_and_go, args=(who,)) for who in range(2)]
    for one in crowd:
        one.start()
    try:
        yield
    finally:
        done.set()
        for one in crowd:
            one.join()
    assert not failed


def test_a_memory_that_lives_throughout_is_shown_once_while_others_come_and_go(
    server: ServerProcess, client: httpx2.Client, key: str
) -> None:
    put_lasting(client)
    with passers_by(server, key):
        for limit in (1, 7, 7, 50):
            shown = listed(client, limit=limit)
            assert [memory_id for memory_id in shown if memory_id.endswith("lasting")] == LASTING
            assert len(shown) == len(set(shown))


def test_so_it_is_within_a_prefix(server: ServerProcess, client: httpx2.Client, key: str) -> None:
    put_lasting(client, "run-42/")
    with passers_by(server, key, "run-42/"), passers_by(server, key, "run-43/"):
        for limit in (7, 50):
            shown = listed(client, prefix="run-42/", limit=limit)
            assert [name for name in shown if name.endswith("lasting")] == [
                "run-42/" + name for name in LASTING
            ]
            assert all(name.startswith("run-42/") for name in shown)


def test_forgetting_by_prefix_leaves_nothing_that_was_there_when_it_began(
    server: ServerProcess, client: httpx2.Client, key: str
) -> None:
    put_lasting(client, "run-42/")
    put_lasting(client, "run-43/")
    with passers_by(server, key, "run-42/", others_forget=True):
        forgotten = client.delete("/stash", params={"prefix": "run-42/"}).json()["forgotten"]
        assert forgotten >= len(LASTING)
        assert not [name for name in listed(client, prefix="run-42/") if name.endswith("lasting")]
    assert listed(client, prefix="run-43/") == ["run-43/" + name for name in LASTING]
