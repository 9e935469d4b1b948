"""Conditional requests: nobody overwrites what he has not seen."""

import httpx2
import pytest


@pytest.fixture
def memory(alice: httpx2.Client) -> tuple[str, str]:
    """A memory's id and its version, as the ETag has it."""
    stashed = alice.post("/stash", json={"data": "first"})
    return stashed.json()["memory_id"], stashed.headers["ETag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", "*"])
def test_a_write_for_the_current_version_happens(
    alice: httpx2.Client, memory: tuple[str, str], form: str
) -> None:
    memory_id, etag = memory

    updated = alice.patch(
        f"/update/{memory_id}", json={"data": "second"}, headers={"If-Match": form.format(etag)}
    )

    assert updated.status_code == 200
    assert updated.headers["ETag"] != etag


def test_a_write_for_an_older_version_is_a_412_and_changes_nothing(
    alice: httpx2.Client, memory: tuple[str, str]
) -> None:
    memory_id, etag = memory
    alice.patch(f"/update/{memory_id}", json={"data": "second"})

    for refused in (
        alice.patch(f"/update/{memory_id}", json={"data": "lost"}, headers={"If-Match": etag}),
        alice.delete(f"/forget/{memory_id}", headers={"If-Match": etag}),
    ):
        assert refused.status_code == 412
        assert refused.json()["code"] == "precondition_failed"
    assert alice.get(f"/recall/{memory_id}").json()["data"] == "second"


def test_a_forget_for_the_current_version_happens(alice: httpx2.Client, memory: tuple[str, str]) -> None:
    memory_id, etag = memory

    assert alice.delete(f"/forget/{memory_id}", headers={"If-Match": etag}).status_code == 204


def test_a_recall_of_what_the_client_has_is_a_304(alice: httpx2.Client, memory: tuple[str, str]) -> None:
    memory_id, etag = memory

    known = alice.get(f"/recall/{memory_id}", headers={"If-None-Match": etag})
    other = alice.get(f"/recall/{memory_id}", headers={"If-None-Match": '"other"'})

    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", etag)
    assert other.json()["data"] == "first"


@pytest.mark.parametrize("value", ["abc", '"a", "b"', '"', "W/abc"])
def test_a_condition_that_is_no_version_is_refused(
    alice: httpx2.Client, memory: tuple[str, str], value: str
) -> None:
    refused = alice.delete(f"/forget/{memory[0]}", headers={"If-Match": value})

    assert refused.status_code == 400
    assert "If-Match must be one version in quotes" in refused.json()["detail"]
