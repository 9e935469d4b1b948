"""Users never meet."""

from collections.abc import Iterator

import pytest

from stash_memory.errors import MemoryNotFound, PreconditionFailed
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_expired, assert_not_found, content, ids
from tests.contract.engines import Engine


@pytest.fixture
def version(engine: Engine) -> str:
    """The version of Alice's plan, which Bob must never see, nor move."""
    return engine.backend.put(ALICE, "plan", [b"hers"], LONG).version


@pytest.fixture(autouse=True)
def _her_plan_stays_as_it_is(engine: Engine, version: str) -> Iterator[None]:
    before = engine.backend.get(ALICE, "plan")
    yield
    after = engine.backend.get(ALICE, "plan")
    assert (content(after), after.version, after.expires_at_ms) == (b"hers", version, before.expires_at_ms)
    assert "plan" in ids(engine.backend, ALICE)


def test_he_cannot_read_it(engine: Engine) -> None:
    assert_not_found(engine.backend, BOB, "plan")


def test_he_cannot_read_it_by_its_version(engine: Engine, version: str) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.get(BOB, "plan", unless_version=version)


def test_he_cannot_update_it(engine: Engine, version: str) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.update(BOB, "plan", body=[b"his"], max_ttl_ms=LONG, if_version=version)


def test_he_cannot_extend_it(engine: Engine) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.update(BOB, "plan", at_least_ms=2 * LONG, max_ttl_ms=2 * LONG)


def test_he_cannot_delete_it(engine: Engine, version: str) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.delete(BOB, "plan", if_version=version)


def test_he_cannot_delete_it_by_prefix(engine: Engine) -> None:
    assert engine.backend.delete_prefix(BOB, "") == 0
    assert engine.backend.delete_prefix(BOB, "pl") == 0


def test_he_cannot_replace_it(engine: Engine, version: str) -> None:
    with pytest.raises(PreconditionFailed):
        engine.backend.put(BOB, "plan", [b"his"], LONG, if_version=version)


def test_he_can_have_one_of_the_same_name(engine: Engine) -> None:
    assert engine.backend.put(BOB, "plan", [b"his"], LONG * 2, if_absent=True).created is True
    assert content(engine.backend.get(BOB, "plan")) == b"his"
    engine.backend.delete(BOB, "plan")
    assert_not_found(engine.backend, BOB, "plan")


def test_his_may_expire_and_hers_does_not(engine: Engine) -> None:
    engine.backend.put(BOB, "plan", [b"his"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    assert_expired(engine.backend, BOB, "plan")


def test_he_cannot_list_it(engine: Engine) -> None:
    assert engine.backend.page(BOB) == ([], None)
    assert engine.backend.page(BOB, "plan") == ([], None)


def test_it_does_not_count_as_his(engine: Engine) -> None:
    assert engine.backend.totals(BOB) == (0, 0)


def test_a_users_id_may_begin_with_anothers(engine: Engine) -> None:
    assert_not_found(engine.backend, ALICE + "2", "plan")
    assert_not_found(engine.backend, ALICE[:-1], "plan")
    engine.backend.put(ALICE + "2", "plan", [b"another's"], LONG)
    assert engine.backend.delete_prefix(ALICE + "2", "") == 1
    assert ids(engine.backend, ALICE[:-1]) == []


def test_users_are_told_apart_by_case(engine: Engine) -> None:
    assert_not_found(engine.backend, ALICE.upper(), "plan")
    assert engine.backend.totals(ALICE.upper()) == (0, 0)


def test_thousands_of_users_have_one_name_each(engine: Engine) -> None:
    users = [f"usr_{n}" for n in range(1_000)]
    for user in users:
        engine.backend.put(user, "plan", [user.encode()], LONG)
    assert all(content(engine.backend.get(user, "plan")) == user.encode() for user in users)
    assert all(engine.backend.totals(user).memories == 1 for user in users[::50])
