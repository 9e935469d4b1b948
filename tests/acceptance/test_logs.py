"""One JSON line for each operation; never a key, never data."""

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory):
    """A server on which one of everything has happened, and has stopped."""
    server = ServerProcess(tmp_path_factory.mktemp("logged")).start()
    free = server.create_key("free@example.com", "--tier", "free")
    with (
        server.client() as local,
        httpx2.Client(base_url=server.url) as nobody,
        server.client(free) as limited,
    ):
        memory_id = local.post("/stash", json={"data": "TOP-SECRET"}, headers={"X-Request-ID": "r-1"}).json()[
            "memory_id"
        ]
        local.get(f"/recall/{memory_id}")
        local.patch(f"/update/{memory_id}", json={"data": "TOP-SECRET", "extra_seconds": 5})
        local.delete(f"/forget/{memory_id}")
        local.get(f"/recall/{memory_id}")
        local.post("/stash", content=b'{"data": TOP-SECRET}')
        nobody.get("/recall/x", headers={"X-API-KEY": "sk_live_TOP-SECRET"})
        for _ in range(11):
            limited.get("/recall/x?key=TOP-SECRET")
        nobody.get("/health/live")
        local.get(f"/recall/{free}", headers={"X-Request-ID": free})
    server.stop()
    return server, memory_id, free


def test_each_operation_is_one_line_with_its_facts(story) -> None:
    server, memory_id, _ = story
    stashed, recalled, updated, forgotten, missed, rejected, failed = server.lines[:7]

    assert [line["event"] for line in (stashed, recalled, updated, forgotten)] == [
        "stash_created",
        "stash_recalled",
        "stash_updated",
        "stash_forgotten",
    ]
    assert {line["memory_id"] for line in (stashed, recalled, updated, forgotten, missed)} == {memory_id}
    assert {line["user_id"] for line in (stashed, recalled, updated, forgotten, missed, rejected)} == {
        "usr_local"
    }
    assert stashed["request_id"] == "r-1"
    assert stashed["level"] == "INFO"
    assert stashed["payload_bytes"] == len('"TOP-SECRET"')
    assert stashed["ttl_seconds"] == 3600
    assert stashed["status"] == 201
    assert 0 < stashed["duration_ms"] < 10_000
    assert stashed["timestamp"].endswith("Z")
    assert (missed["event"], missed["status"]) == ("stash_missed", 404)
    assert (rejected["event"], rejected["status"]) == ("payload_rejected", 400)
    assert (failed["event"], failed["level"], "user_id" in failed) == ("auth_failed", "WARNING", False)


def test_a_refused_request_is_logged_with_its_user(story) -> None:
    server, _, _ = story
    limited = [line for line in server.lines if line["event"] == "rate_limited"]

    assert len(limited) == 1
    assert limited[0]["user_id"].startswith("usr_")


def test_a_key_where_an_id_belongs_is_masked(story) -> None:
    server, _, _ = story

    assert server.lines[-1]["memory_id"] == "sk_..."
    assert "sk_" not in server.lines[-1]["request_id"]


def test_health_checks_are_not_logged(story) -> None:
    server, _, _ = story

    assert not any("health" in str(line) for line in server.lines)


def test_no_key_and_no_data_is_ever_written(story) -> None:
    server, _, free = story
    for text in (server.out, server.err.replace(server.key, "")):
        assert "TOP-SECRET" not in text
        assert free not in text
        assert server.key not in text


def test_people_can_have_plain_lines(own_server) -> None:
    server = own_server(STASH_LOG_FORMAT="console")
    with server.client() as local:
        local.post("/stash", json={"data": 1})
    server.stop()

    line = server.out.splitlines()[0]
    assert " INFO    stash_created user_id=usr_local memory_id=" in line
