"""/metrics: right over all workers, dead ones too; for nobody without the token; and nobody's id is in it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.metrics.scraped import TOKEN, Scraped
from tests.raw_http import connect, head
from tests.server_process import ServerProcess, clean_environment
from tests.servers.process import wait_until


def children(server: ServerProcess) -> list[int]:
    """The worker processes."""
    assert server.process is not None
    listed = subprocess.run(
        ["ps", "--ppid", str(server.process.pid), "-o", "pid="], capture_output=True, text=True
    )
    return [int(pid) for pid in listed.stdout.split()]


def test_workers_count_together_and_dead_ones_stay_in_the_sums(
    measured: ServerProcess, scraped: Scraped
) -> None:
    def counted() -> float:
        return scraped.sum("stash_requests_total", verb="stash", status="201")

    before = counted()
    sent = scraped.sum("stash_payload_bytes_total", direction="in")
    for number in (20, 40):
        for _ in range(20):
            # Each connection is taken by one of the two.
            with measured.client() as client:
                assert client.post("/stash", json={"data": "1234"}).status_code == 201
        wait_until(partial(reached, counted, before + number), seconds=20)
        victim = children(measured)[0]
        os.kill(victim, signal.SIGKILL)
        wait_until(partial(replaced, measured, victim), seconds=20)

        assert counted() == before + number
        assert scraped.sum("stash_events_total", event="stash_created") >= before + number
        assert scraped.sum("stash_payload_bytes_total", direction="in") == sent + number * 6
        assert scraped.sum("stash_request_seconds_count", verb="stash") >= before + number
        assert scraped.sum("stash_request_seconds_bucket", verb="stash", le="+Inf") >= before + number
        assert 0 < scraped.sum("stash_request_seconds_sum", verb="stash") < 60


def reached(counted: Callable[[], float], number: int) -> bool:
    return counted() >= number


def replaced(server: ServerProcess, victim: int) -> bool:
    return len(now := children(server)) == 2 and victim not in now


def test_a_worker_that_is_replaced_leaves_all_that_it_counted(
    measured: ServerProcess, scraped: Scraped
) -> None:
    before = scraped.sum("stash_requests_total", verb="whoami")
    old = children(measured)
    for _ in range(10):
        with measured.client() as client:
            client.get("/whoami")
    measured.signal(signal.SIGHUP)
    wait_until(lambda: len(new := children(measured)) == 2 and not {*new} & {*old}, seconds=40)

    assert scraped.sum("stash_requests_total", verb="whoami") == before + 10


def test_bytes_in_flight_are_seen_and_go_with_their_worker(measured: ServerProcess, scraped: Scraped) -> None:
    with connect(measured) as connection:
        connection.sendall(head("POST", "/stash", measured.key, Content_Length=5_000_000) + b'{"data": "')
        wait_until(lambda: scraped.sum("stash_body_bytes_in_flight") >= 5_000_000, seconds=15)
        for pid in children(measured):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: scraped.sum("stash_body_bytes_in_flight") == 0, seconds=20)

    assert scraped.sum("stash_body_bytes_in_flight_limit") == 2 * 1_073_741_824


def test_the_purge_and_what_lives_are_told(measured: ServerProcess, scraped: Scraped) -> None:
    with measured.client() as client:
        client.post("/stash", json={"data": 1})

    def purged() -> bool:
        # Another process may be at it, and then this one is not.
        measured.manage("purge")
        return scraped.sum("stash_live_memories", pool="default") > 0

    wait_until(purged, seconds=20)
    assert scraped.sum("stash_live_bytes", pool="default") > 0
    assert scraped.sum("stash_purge_timestamp_seconds") > 1_700_000_000
    assert scraped.sum("stash_database_up") == scraped.sum("stash_pool_up", pool="default") == 1


def test_no_users_key_or_memorys_id_is_in_them(measured: ServerProcess, scraped: Scraped) -> None:
    with measured.client() as client:
        memory_id = client.post("/stash", json={"data": "a-payload-of-this-test"}).json()["memory_id"]
        client.put("/stash/an-id-of-this-test", json={"data": 1})
        client.request("AN-METHOD-OF-THIS-TEST", "/recall/an-id-of-this-test")
        me = client.get("/whoami").json()

    text = scraped.text
    for secret in (measured.key, memory_id, "of-this-test", me["user_id"], "usr_", "key_B"):
        assert secret not in text
    assert set(re.findall(r"([a-z]+)=\"", text)) <= {
        "verb",
        "status",
        "event",
        "direction",
        "le",
        "pool",
        "version",
    }


@pytest.mark.parametrize("token", ["wrong", TOKEN + "x", TOKEN[:-1]])
def test_nobody_reads_them_without_the_token(scraped: Scraped, token: str) -> None:
    answer = scraped.answer(token)

    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_api_key"
    assert "stash_requests" not in answer.text


def test_an_api_key_is_no_token(measured: ServerProcess, scraped: Scraped) -> None:
    assert scraped.answer(measured.key).status_code == 401


def test_there_are_none_unless_a_token_is_set(server: ServerProcess) -> None:
    with server.client() as client:
        answer = client.get("/metrics")

    assert (answer.status_code, answer.json()["code"]) == (404, "path_not_found")


def test_a_token_that_could_be_guessed_stops_the_start(tmp_path: Path) -> None:
    environment = clean_environment(STASH_HOME=str(tmp_path), STASH_METRICS_TOKEN="short")
    done = subprocess.run(
        [sys.executable, "-m", "stash_memory", "serve", "--port", "0"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "STASH_METRICS_TOKEN must be at least 16 characters" in done.stderr
    assert "Traceback" not in done.stderr


def test_they_leave_no_files(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server(STASH_METRICS_TOKEN=TOKEN)
    folder = folder_of(server)
    assert folder.is_dir()
    server.stop()

    assert not folder.exists()


def folder_of(server: ServerProcess) -> Path:
    """Where its workers keep their counts."""
    variables = Path(f"/proc/{children(server)[0]}/environ").read_bytes().split(b"\0")
    [folder] = [one.partition(b"=")[2].decode() for one in variables if one.startswith(b"PROMETHEUS_")]
    return Path(folder)
