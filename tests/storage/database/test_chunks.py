"""Large bodies: read as they are asked for, let go ten minutes after their record."""

import multiprocessing
import os
import random
import signal
from typing import Any

import pytest
from django.db import connections

from stash_memory.backends.body import CHUNK_BYTES, INLINE_BYTES
from stash_memory.backends.sql import chunks
from stash_memory.errors import PreconditionFailed, QuotaExceeded, RateLimited, StoreUnavailable
from stash_memory.records import Caps
from tests.by_method import Get, Put
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.contract.engines import Spec, opened
from tests.storage.database.stage import Stage

LARGE = random.Random(3).randbytes(3 * INLINE_BYTES + 1)
COUNT = -(-len(LARGE) // CHUNK_BYTES)
LINGER = chunks.LINGER_MS


def test_only_what_is_over_a_megabyte_is_cut(stage: Stage) -> None:
    stage.backend.put(ALICE, "small", [LARGE[:INLINE_BYTES]], LONG)
    assert stage.count("chunk") == stage.count("large_body") == 0
    stage.backend.put(ALICE, "large", [LARGE], LONG)
    assert stage.count("chunk") == COUNT
    assert stage.count("large_body", "loose_since_ms IS NULL") == 1


def test_a_body_is_read_as_it_is_asked_for_and_nothing_is_held_meanwhile(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [LARGE], LONG)
    with stage.statements() as sent:
        body = iter(stage.backend.get(ALICE, "plan").body)
        assert len(sent) == 1, "the head"
        read = [next(body)]
        assert len(sent) == 2
        connection = connections[stage.alias]
        assert connection.vendor == "sqlite" or connection.connection is None
        read += [next(body) for _ in range(chunks.READ_AT_ONCE - 1)]
        assert len(sent) == 2, "a few chunks come at a time"
        read += body
        assert len(sent) == 1 + -(-COUNT // chunks.READ_AT_ONCE)
    assert b"".join(read) == LARGE


def replace(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [b"small"], LONG * 9)


def replace_with_a_token(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [b"small"], LONG * 9, spend=slow_spend(9))


def update(stage: Stage) -> None:
    stage.backend.update(ALICE, "plan", body=[b"small"], max_ttl_ms=LONG)


def delete(stage: Stage) -> None:
    stage.backend.delete(ALICE, "plan")


def delete_prefix(stage: Stage) -> None:
    stage.backend.delete_prefix(ALICE, "pl")


def let_expire(stage: Stage) -> None:
    stage.advance(LONG)
    stage.backend.purge(1000)


@pytest.mark.parametrize("let_go", [replace, replace_with_a_token, update, delete, delete_prefix, let_expire])
def test_what_was_let_go_is_read_to_its_end_for_ten_minutes_and_then_cleared(stage: Stage, let_go) -> None:
    stage.backend.put(ALICE, "plan", [LARGE], LONG)
    bodies = [iter(stage.backend.get(ALICE, "plan").body) for _ in range(2)]
    starts = [bytes(next(body)) for body in bodies]
    let_go(stage)
    stage.advance(LINGER - 1)
    stage.backend.purge(1000)
    assert starts[0] + b"".join(bodies[0]) == LARGE
    stage.advance(1)
    stage.backend.purge(1000)
    assert stage.count("chunk") == stage.count("large_body") == 0
    with pytest.raises(StoreUnavailable):
        list(bodies[1])


def test_a_kept_body_outlives_every_purge(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [LARGE], LONG)
    stage.backend.update(ALICE, "plan", extra_ms=100 * LINGER, max_ttl_ms=200 * LINGER)
    stage.advance(50 * LINGER)
    stage.backend.purge(1000)
    assert content(stage.backend.get(ALICE, "plan")) == LARGE


def test_writes_alone_clear_what_was_let_go(stage: Stage) -> None:
    for _ in range(5):
        stage.backend.put(ALICE, "plan", [LARGE], LONG)
        stage.advance(LINGER // 2)
        stage.backend.put(ALICE, "plan", [LARGE], LONG)
        stage.advance(LINGER // 2 + 1)
    assert stage.count("chunk") <= 5 * COUNT


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (
            PreconditionFailed,
            lambda s: s.backend.put(ALICE, "plan", [LARGE], LONG, if_absent=True),
        ),
        (QuotaExceeded, lambda s: s.backend.put(ALICE, "plan", [LARGE], LONG, caps=Caps(bytes=99))),
        (
            RateLimited,
            lambda s: s.backend.put(ALICE, "plan", [LARGE], LONG, spend=slow_spend(1, 2)),
        ),
        (
            PreconditionFailed,
            lambda s: s.backend.update(ALICE, "plan", body=[LARGE], max_ttl_ms=LONG, if_version="0" * 16),
        ),
    ],
)
def test_of_what_is_refused_no_chunk_is_written(stage: Stage, error, refused) -> None:
    stage.backend.put(ALICE, "plan", [b"1"], LONG)
    with stage.statements() as sent, pytest.raises(error):
        refused(stage)
    assert not [sql for sql in sent if "memories_chunk" in sql]
    assert stage.count("large_body") == 0


def test_the_chunks_of_what_fails_in_a_batch_are_cleared(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [b"1"], LONG)
    results = stage.backend.many(
        ALICE, [Put("plan", [LARGE], LONG, if_absent=True), Put("new", [LARGE], LONG), Get("new")]
    )
    assert isinstance(results[0], PreconditionFailed)
    assert content(results[2]) == LARGE  # type: ignore[arg-type]
    assert stage.count("large_body") == 1
    assert stage.count("chunk") == COUNT


def test_a_writer_that_loses_its_chunks_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chunks.write

    def slowly(*arguments: Any) -> Any:
        stored = whole(*arguments)
        stage.advance(LINGER)
        stage.backend.purge(1000)
        return stored

    monkeypatch.setattr(chunks, "write", slowly)
    with pytest.raises(StoreUnavailable) as caught:
        stage.backend.put(ALICE, "plan", [LARGE], LONG)
    assert caught.value.applied is False
    assert stage.count("record") == stage.count("chunk") == 0


def write_for_ever(spec: Spec, begun: Any) -> None:
    """Writes large bodies, and says after each one that it goes on."""
    backend = opened(spec)
    while True:
        backend.put(ALICE, "plan", [LARGE * 4], 9 * LONG)
        begun.send(1)


def test_the_chunks_of_a_killed_writer_are_cleared(sqlite: Stage) -> None:
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    assert sqlite.engine.spec is not None
    child = context.Process(target=write_for_ever, args=(sqlite.engine.spec, writer))
    child.start()
    writer.close()
    assert reader.poll(60)
    # In the midst of the next one: some of its chunks are there, and no record.
    while sqlite.count("large_body", "loose_since_ms > 0") == 0:
        pass
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    sqlite.advance(LINGER)
    sqlite.backend.purge(1000)
    assert content(sqlite.backend.get(ALICE, "plan")) == LARGE * 4
    assert sqlite.count("large_body") == 1
    assert sqlite.count("chunk") == -(-4 * len(LARGE) // CHUNK_BYTES)
