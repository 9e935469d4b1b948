"""`stash serve` in local mode: its banner, its stop, its reload, and two on one home."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx2

from tests.raw_http import connect, head, read_answer
from tests.server_process import ServerProcess

FOUNDING_DOCUMENT = [
    """curl -sS -X POST {url}/stash -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{ "data": {{"task": "summarize", "context": "..."}}, "ttl": 3600 }}'""",
    """curl -sS {url}/recall/{id} -H "X-API-KEY: {key}" """,
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"data": {{"task": "summarize", "progress": 0.75}}}}'""",
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"extra_seconds": 1800}}'""",
    """curl -sS -X PATCH {url}/update/{id} -H "Content-Type: application/json" -H "X-API-KEY: {key}" """
    """-d '{{"data": {{"task": "summarize", "progress": 1.0}}, "extra_seconds": 3600}}'""",
    """curl -sS -o /dev/null -w "%{{http_code}}" -X DELETE {url}/forget/{id} -H "X-API-KEY: {key}" """,
]


def test_the_founding_documents_own_curl_lines_work(server: ServerProcess) -> None:
    memory_id, said = "", []
    for line in FOUNDING_DOCUMENT:
        command = line.format(url=server.url, key=server.key, id=memory_id)
        said.append(subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout)
        memory_id = memory_id or json.loads(said[0])["memory_id"]
    stashed, recalled, *updated = (json.loads(text) for text in said[:-1])

    assert stashed["ttl"] == 3600
    assert recalled["data"] == {"task": "summarize", "context": "..."}
    for answer, ttl in zip(updated, (3600, 5400, 9000), strict=True):
        assert ttl - 30 <= answer["ttl_remaining"] <= ttl
    assert said[-1] == "204"


def test_the_banner_shows_the_key_and_a_curl_line_that_works(own_server) -> None:
    server = own_server()
    curl = next(line.strip() for line in server.err.splitlines() if line.strip().startswith("curl "))

    said = subprocess.run(curl, shell=True, capture_output=True, text=True, check=True).stdout

    assert '"memory_id"' in said
    assert server.key.startswith("sk_local_")
    assert server.err.count(server.key) == 2
    assert server.key not in server.out


def test_a_containers_log_has_the_key_at_the_first_start_and_at_no_other(own_server) -> None:
    server = own_server(STASH_SHOW_KEY="once")
    key = server.key
    assert server.err.count(key) == 2
    assert server.stop() == 0

    server.restart()
    assert "Stash listens on" in server.err
    assert key not in server.err + server.out

    # Another key is a first one again.
    server.stop()
    server.manage("shell", "-c", "from accounts.models import ApiKey; ApiKey.objects.get().revoke()")
    server.restart()
    assert server.key != key
    assert server.err.count(server.key) == 2


def test_a_request_under_way_is_answered_before_the_server_stops(own_server) -> None:
    server = own_server()
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, Content_Length=11) + b'{"data"')
        time.sleep(0.3)
        server.signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(b": 1}")

        assert read_answer(connection).status == 201
    assert server.stop() == 0


def test_two_servers_on_one_home_share_memories_and_revocations(own_server) -> None:
    first = own_server()
    second = own_server(home=first.home)
    key = first.manage("createkey", "bob@example.com", "--tier", "enterprise")
    with first.client(key) as here, second.client(key) as there:
        memory_id = here.post("/stash", json={"data": "shared"}).json()["memory_id"]
        assert there.get(f"/recall/{memory_id}").json()["data"] == "shared"

        here.get("/recall/x")
        code = (
            "from accounts.models import ApiKey; ApiKey.objects.get(user__email='bob@example.com').revoke()"
        )
        first.shell(code)
        time.sleep(1)

        assert here.get(f"/recall/{memory_id}").status_code == 401
        assert there.get(f"/recall/{memory_id}").status_code == 401


def test_reload_serves_the_code_as_it_now_is(own_server, tmp_path: Path) -> None:
    """A copy of the checkout is changed under a running server."""
    checkout = Path(__file__).parent.parent.parent
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (
        "accounts",
        "memories",
        "operators",
        "stash_site",
        "storage",
        "upkeep",
        "stash_memory",
        "templates",
        "manage.py",
    ):
        source = checkout / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    server = own_server("--reload", PYTHONPATH=str(copy))
    errors = copy / "stash_memory" / "errors.py"
    time.sleep(1)
    errors.write_text(
        errors.read_text().replace("it was forgotten or never existed", "it was changed on disk")
    )

    deadline = time.monotonic() + 20
    detail = ""
    while "changed on disk" not in detail and time.monotonic() < deadline:
        try:
            with server.client() as local:
                detail = local.get("/recall/x").json()["detail"]
        except httpx2.TransportError:
            pass
        time.sleep(0.2)

    assert "changed on disk" in detail
