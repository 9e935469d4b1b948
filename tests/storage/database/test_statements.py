"""How many statements each method takes. BEGIN and COMMIT come on top wherever there is more than one that writes."""

from collections.abc import Callable

import pytest
from django.db import connections, transaction

from stash_memory.backends.sql import clearing
from stash_memory.errors import MemoryNotFound, PreconditionFailed, RateLimited
from stash_memory.records import Caps
from tests.by_method import Delete, Get, Put
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.storage.database.stage import Stage

B = [b"x" * 300]
CAPS = Caps(1_000, 1_000_000)

ASKED: dict[str, tuple[int, Callable[[Stage], object]]] = {
    "get": (1, lambda s: s.backend.get(ALICE, "plan")),
    "get unless": (1, lambda s: s.backend.get(ALICE, "plan", unless_version="0123456789abcdef")),
    "get with a token": (1, lambda s: s.backend.get(ALICE, "plan", spend=slow_spend(9))),
    "put": (1, lambda s: s.backend.put(ALICE, "plan", B, LONG)),
    "put of a new one": (1, lambda s: s.backend.put(ALICE, "new", B, LONG)),
    "put if absent": (1, lambda s: s.backend.put(ALICE, "new", B, LONG, if_absent=True)),
    "put with a token": (1, lambda s: s.backend.put(ALICE, "plan", B, LONG, spend=slow_spend(9))),
    "put under caps": (4, lambda s: s.backend.put(ALICE, "new", B, LONG, caps=CAPS)),
    "put with all": (
        4,
        lambda s: s.backend.put(ALICE, "new", B, LONG, if_absent=True, caps=CAPS, spend=slow_spend(9)),
    ),
    "extension": (2, lambda s: s.backend.update(ALICE, "plan", extra_ms=LONG, max_ttl_ms=9 * LONG)),
    "recall that extends": (
        3,
        lambda s: s.backend.update(ALICE, "plan", at_least_ms=2 * LONG, max_ttl_ms=9 * LONG),
    ),
    "update": (3, lambda s: s.backend.update(ALICE, "plan", body=B, max_ttl_ms=LONG)),
    "delete": (3, lambda s: s.backend.delete(ALICE, "plan")),
    "page": (1, lambda s: s.backend.page(ALICE)),
    "a hundred gets": (1, lambda s: s.backend.many(ALICE, [Get(f"{n}") for n in range(100)])),
    "spend": (1, lambda s: s.backend.spend(ALICE, slow_spend(9))),
    "totals": (1, lambda s: s.backend.totals()),
    "totals of one": (1, lambda s: s.backend.totals(ALICE)),
}


@pytest.mark.parametrize("name", ASKED)
def test_on_postgresql_a_method_takes_so_many_statements(
    postgres: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "EVERY", 1_000_000)
    count, ask = ASKED[name]
    postgres.backend.put(ALICE, "plan", B, LONG)
    if "cap" in name or name == "put with all":
        postgres.backend.put(ALICE, "other", B, LONG, caps=CAPS)
    with postgres.statements() as sent:
        ask(postgres)
    assert len(sent) == count, sent


@pytest.mark.parametrize("name", ["get", "put", "put if absent", "page", "totals"])
def test_on_sqlite_what_need_not_wait_takes_one(
    sqlite: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "EVERY", 1_000_000)
    sqlite.backend.put(ALICE, "plan", B, LONG)
    with sqlite.statements() as sent:
        ASKED[name][1](sqlite)
    assert len(sent) == 1, sent


def test_clearing_is_paid_for_by_one_write_in_thirty_two(stage: Stage) -> None:
    for n in range(clearing.EVERY):
        stage.backend.put(ALICE, f"{n}", B, 1)
    stage.advance(1)
    sent = []
    for n in range(clearing.EVERY):
        with stage.statements() as some:
            stage.backend.put(ALICE, f"new{n}", B, LONG)
        sent.append(len(some))
    assert sorted(sent)[:-1] == [1] * (clearing.EVERY - 1)
    assert stage.count("record", "cleared") == clearing.EVERY


def test_a_body_that_is_spared_is_not_read(stage: Stage) -> None:
    record = stage.backend.put(ALICE, "plan", B, LONG)
    [spared, other] = stage.backend.many(
        ALICE, [Get("plan", unless_version=record.version), Get("plan", unless_version="0123456789abcdef")]
    )
    assert [content(found) for found in (spared, other)] == [b"", B[0]]  # type: ignore[arg-type]


def nothing_is_kept(stage: Stage) -> bool:
    """Neither a connection to PostgreSQL, nor a transaction on either."""
    connection = connections[stage.alias]
    if connection.vendor == "postgresql":
        return connection.connection is None
    return not connection.connection.in_transaction


def test_no_method_keeps_a_connection_or_a_transaction(stage: Stage) -> None:
    for _, ask in ASKED.values():
        stage.backend.put(ALICE, "plan", B, LONG)
        stage.backend.delete_prefix(ALICE, "new")
        ask(stage)
        assert nothing_is_kept(stage)
    for failing in (
        lambda: stage.backend.get(ALICE, "none"),
        lambda: stage.backend.delete(ALICE, "none"),
        lambda: stage.backend.put(ALICE, "none", B, LONG, if_version="0123456789abcdef"),
        lambda: stage.backend.spend(ALICE, slow_spend(1, 2)),
    ):
        with pytest.raises((MemoryNotFound, PreconditionFailed, RateLimited)):
            failing()
        assert nothing_is_kept(stage)


def test_inside_the_callers_transaction_all_stands_or_falls_with_it(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [b"before"], LONG)
    with transaction.atomic(using=stage.alias):
        stage.backend.put(ALICE, "plan", [b"after"], LONG)
        stage.backend.many(ALICE, [Put("new", B, LONG), Delete("none")])
        assert content(stage.backend.get(ALICE, "plan")) == b"after"
        with pytest.raises(MemoryNotFound):
            stage.backend.delete(ALICE, "none")
        transaction.set_rollback(True, using=stage.alias)
    assert content(stage.backend.get(ALICE, "plan")) == b"before"
    assert stage.backend.totals(ALICE).memories == 1


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_what_no_id_can_have_is_found_nowhere(stage: Stage, text: str) -> None:
    stage.backend.put(ALICE, "a", B, LONG)
    stage.backend.put(ALICE, "ab", B, LONG)
    assert stage.backend.page(ALICE, text) == ([], None)
    assert stage.backend.delete_prefix(ALICE, text) == 0
    after = [entry.id for entry in stage.backend.page(ALICE, "", text).entries]
    assert after == (["ab"] if text == "a\0b" else ["a", "ab"])
