"""JSON is read whatever the Content-Type header says, by every route that reads any."""

import httpx2
import pytest

KINDS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; charset=utf-16",
    "application/octet-stream",
    "nonsense",
    "",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_route_reads_its_json_whatever_the_type(alice: httpx2.Client, kind: str) -> None:
    headers = {"Content-Type": kind}
    data = '{"data": "é"}'.encode()

    posted = alice.post("/stash", content=data, headers=headers)
    put = alice.put("/stash/typed", content=data, headers=headers)
    patched = alice.patch("/update/typed", content=b'{"data": [1]}', headers=headers)
    batch = b'{"operations": [{"verb": "recall", "memory_id": "typed"}]}'
    batched = alice.post("/batch", content=batch, headers=headers)
    minted = alice.post("/keys", content=b'{"name": "typed"}', headers=headers)

    assert (posted.status_code, patched.status_code, minted.status_code) == (201, 200, 201)
    assert put.status_code in (200, 201)
    assert batched.json()["results"][0]["body"]["data"] == [1]
    assert alice.get(f"/recall/{posted.json()['memory_id']}").json()["data"] == "é"
    assert minted.json()["name"] == "typed"
    alice.delete(f"/keys/{minted.json()['id']}")
