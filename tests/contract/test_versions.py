"""A version names the data, and no other data ever."""

from tests.by_method import Put, Update
from tests.contract.cast import ALICE, BOB, LONG, SHORT
from tests.contract.engines import Engine


def test_each_put_gives_a_fresh_version(engine: Engine) -> None:
    versions = {engine.backend.put(ALICE, "plan", [b"the same"], LONG).version for _ in range(1_000)}
    assert len(versions) == 1_000


def test_each_update_with_a_body_gives_a_fresh_version(engine: Engine) -> None:
    versions = {engine.backend.put(ALICE, "plan", [b"the same"], LONG).version}
    for _ in range(1_000):
        versions.add(engine.backend.update(ALICE, "plan", body=[b"the same"], max_ttl_ms=LONG).version)
    assert len(versions) == 1_001


def test_no_version_comes_back_after_a_delete(engine: Engine) -> None:
    versions = set()
    for _ in range(1_000):
        versions.add(engine.backend.put(ALICE, "plan", [b"the same"], LONG).version)
        engine.backend.delete(ALICE, "plan")
    assert len(versions) == 1_000


def test_no_version_comes_back_after_a_delete_by_prefix(engine: Engine) -> None:
    versions = set()
    for _ in range(100):
        versions.add(engine.backend.put(ALICE, "plan", [b"the same"], LONG).version)
        engine.backend.delete_prefix(ALICE, "")
    assert len(versions) == 100


def test_no_version_comes_back_after_an_expiry(exact_engine: Engine) -> None:
    versions = set()
    for n in range(1_000):
        versions.add(exact_engine.backend.put(ALICE, "plan", [b"the same"], SHORT).version)
        exact_engine.advance(SHORT)
        if n % 3 == 0:
            exact_engine.backend.purge(10)
    assert len(versions) == 1_000


def test_no_version_comes_back_after_the_tombstone_is_forgotten(exact_engine: Engine) -> None:
    versions = set()
    for _ in range(100):
        versions.add(exact_engine.backend.put(ALICE, "plan", [b"the same"], SHORT).version)
        exact_engine.advance(25 * 3600 * 1000)
        exact_engine.backend.purge(10)
    assert len(versions) == 100


def test_versions_in_many_are_fresh_too(engine: Engine) -> None:
    operations = [Put("plan", [b"the same"], LONG), Update("plan", [b"the same"], max_ttl_ms=LONG)] * 50
    results = engine.backend.many(ALICE, operations)
    assert len({result.version for result in results}) == 100  # type: ignore[union-attr]


def test_an_extension_keeps_the_version(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    assert engine.backend.update(ALICE, "plan", extra_ms=1_000, max_ttl_ms=2 * LONG).version == version
    assert engine.backend.update(ALICE, "plan", at_least_ms=LONG, max_ttl_ms=2 * LONG).version == version
    assert engine.backend.get(ALICE, "plan").version == version


def test_the_version_of_a_write_is_the_one_that_is_found(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    version = engine.backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG).version
    assert engine.backend.get(ALICE, "plan").version == version
    assert engine.backend.page(ALICE).entries[0].version == version


def test_the_same_data_of_two_users_has_two_versions(engine: Engine) -> None:
    hers = engine.backend.put(ALICE, "plan", [b"the same"], LONG).version
    assert engine.backend.put(BOB, "plan", [b"the same"], LONG).version != hers
