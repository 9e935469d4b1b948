"""One answer of every kind that a user can have from a server in good health."""

import time

import httpx2

from tests.raw_http import exchange, head
from tests.server_process import ServerProcess

# Caps that two memories fill, so that a 429 of the other kind is an answer too; and tokens enough for all of them.
TIER = """
from accounts.models import Tier
Tier.objects.get_or_create(name="kinds", defaults=dict(payload_bytes=1_000, default_ttl=600, max_ttl=3_600,
    requests_per_minute=60, burst=40, max_memories=2, max_bytes=1_500))
"""


def answers(server: ServerProcess) -> dict[str, dict[str, str]]:
    """The headers of each, by its status and what it is; their names in small letters."""
    server.shell(TIER)
    key = server.create_key("kinds@example.com", "--tier", "kinds")
    found: dict[str, httpx2.Response] = {}
    with server.client(key) as client:
        found["201 stashed"] = client.post("/stash", json={"data": 1, "ttl": 1})
        brief = found["201 stashed"].json()["memory_id"]
        found["201 put"] = client.put("/stash/kept", json={"data": 1})
        found["429 over a cap"] = client.post("/stash", json={"data": 1})
        version = found["201 put"].headers["ETag"]
        found["200 recalled"] = client.get("/recall/kept")
        found["200 of HEAD"] = client.head("/recall/kept")
        found["304 known"] = client.get("/recall/kept", headers={"If-None-Match": version})
        found["200 replaced"] = client.put("/stash/kept", json={"data": 2})
        found["412 changed"] = client.patch("/update/kept", json={"data": 3}, headers={"If-Match": version})
        found["200 updated"] = client.patch("/update/kept", json={"extra_seconds": 1})
        found["200 listed"] = client.get("/stash")
        operations = [{"verb": "recall", "memory_id": "kept"}]
        found["200 batch"] = client.post("/batch", json={"operations": operations})
        found["200 whoami"] = client.get("/whoami")
        found["200 keys"] = client.get("/keys")
        child = found["201 key"] = client.post("/keys", json={"read_only": True})
        with server.client(child.json()["key"]) as reader:
            found["403 read only"] = reader.delete("/forget/kept")
        found["204 key revoked"] = client.delete(f"/keys/{child.json()['id']}")
        found["400 no JSON"] = client.post("/stash", content=b"{")
        found["404 missing"] = client.get("/recall/none")
        found["405 wrong method"] = client.patch("/stash/kept", json={"data": 1})
        found["413 data too large"] = client.post("/stash", json={"data": "x" * 2_000})
        found["413 body too large"] = client.post("/stash", json={"data": "x" * 9_000})
        found["200 forgotten by prefix"] = client.delete("/stash", params={"prefix": "none/"})
        found["204 forgotten"] = client.delete("/forget/kept")
        cut = exchange(server, head("POST", "/stash", key, Content_Length=20), b'{"data"', end=True)
        time.sleep(1)
        found["410 expired"] = client.get(f"/recall/{brief}")
        while (refused := client.get("/recall/none")).status_code == 404:
            pass
        found["429 no token"] = refused
    for name, answer in found.items():
        assert name.startswith(str(answer.status_code)), f"{name}: {answer.status_code} {answer.text}"
    assert cut.status == 400
    told = {
        name: {key.lower(): value for key, value in answer.headers.items()} for name, answer in found.items()
    }
    return {**told, "400 cut short": cut.headers}
