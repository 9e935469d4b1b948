"""The Update Test: data replacement works correctly."""

import httpx2
import pytest


@pytest.fixture
def memory_id(alice: httpx2.Client) -> str:
    return alice.post("/stash", json={"data": {"progress": 0.5}, "ttl": 600}).json()["memory_id"]


@pytest.mark.parametrize("data", [{"progress": 0.75}, [1, 2], "text", 7, 0, False, None, "", {}, []])
def test_data_is_replaced_whole_whatever_json_it_is(
    alice: httpx2.Client, memory_id: str, data: object
) -> None:
    updated = alice.patch(f"/update/{memory_id}", json={"data": data})

    assert updated.status_code == 200
    assert updated.json().keys() == {"memory_id", "ttl_remaining", "expires_at"}
    assert alice.get(f"/recall/{memory_id}").json()["data"] == data


def test_replacing_data_leaves_the_life_as_it_was(alice: httpx2.Client, memory_id: str) -> None:
    updated = alice.patch(f"/update/{memory_id}", json={"data": 1}).json()

    assert updated["memory_id"] == memory_id
    assert 595 <= updated["ttl_remaining"] <= 600


def test_data_and_life_in_one_request(alice: httpx2.Client, memory_id: str) -> None:
    updated = alice.patch(f"/update/{memory_id}", json={"data": 1, "extra_seconds": 60}).json()

    assert 655 <= updated["ttl_remaining"] <= 660
    assert alice.get(f"/recall/{memory_id}").json()["data"] == 1


def test_an_update_needs_one_of_the_two(alice: httpx2.Client, memory_id: str) -> None:
    refused = alice.patch(f"/update/{memory_id}", json={})

    assert refused.status_code == 400
    assert refused.json()["detail"] == "An update needs data, extra_seconds or at_least."


def test_each_write_of_data_has_a_version_of_its_own(alice: httpx2.Client, memory_id: str) -> None:
    versions = {alice.patch(f"/update/{memory_id}", json={"data": 1}).headers["ETag"] for _ in range(20)}

    assert len(versions) == 20
    assert alice.get(f"/recall/{memory_id}").headers["ETag"] in versions


def test_what_was_forgotten_cannot_be_updated(alice: httpx2.Client, memory_id: str) -> None:
    assert alice.delete(f"/forget/{memory_id}").status_code == 204

    assert alice.patch(f"/update/{memory_id}", json={"data": 1}).status_code == 404
    assert alice.delete(f"/forget/{memory_id}").status_code == 404


@pytest.mark.parametrize(("at_least", "left"), [(900, 900), (60, 600), (10**9, 604_800)])
def test_at_least_raises_a_life_and_never_shortens_it(
    alice: httpx2.Client, memory_id: str, at_least: int, left: int
) -> None:
    updated = alice.patch(f"/update/{memory_id}", json={"at_least": at_least})

    assert updated.status_code == 200
    assert left - 5 <= updated.json()["ttl_remaining"] <= left
    assert alice.get(f"/recall/{memory_id}").json()["data"] == {"progress": 0.5}


def test_at_least_goes_with_data(alice: httpx2.Client, memory_id: str) -> None:
    updated = alice.patch(f"/update/{memory_id}", json={"data": 1, "at_least": 900}).json()

    assert 895 <= updated["ttl_remaining"] <= 900
    assert alice.get(f"/recall/{memory_id}").json()["data"] == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"extra_seconds": 60, "at_least": 900}, "An update takes extra_seconds or at_least, not both."),
        ({"at_least": "900"}, "at_least must be a whole number of seconds, at least 1."),
        ({"at_least": 0}, "at_least must be a whole number of seconds, at least 1."),
    ],
)
def test_a_bad_at_least_is_refused(
    alice: httpx2.Client, memory_id: str, fields: dict[str, object], sentence: str
) -> None:
    alone = alice.patch(f"/update/{memory_id}", json=fields)
    step = {"verb": "update", "memory_id": memory_id, **fields}
    [batched] = alice.post("/batch", json={"operations": [step]}).json()["results"]

    assert alone.status_code == batched["status"] == 400
    for problem in (alone.json(), batched["body"]):
        assert problem["field"] == "at_least"
        assert problem["detail"] == sentence
