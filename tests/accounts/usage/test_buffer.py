"""What a process counts before it is written."""

from datetime import timedelta
from threading import Thread

from accounts.usage.buffer import Buffer
from accounts.usage.columns import COLUMNS, RECALLS_FOUND, STASHES, WIDTH
from tests.accounts.usage.conftest import NOW, Clock

MINUTE = int(NOW.timestamp()) // 60


def named(row: list[int]) -> dict[str, int]:
    """The columns that are not zero."""
    return {name: number for name, number in zip(COLUMNS, row, strict=True) if number}


def test_a_request_is_counted_for_its_minute_user_and_key(clock: Clock) -> None:
    buffer = Buffer(clock)
    buffer.count("usr_a", "key_1", 201, 3.2, (STASHES,), bytes_in=300)
    buffer.count("usr_a", "key_1", 200, 0.4, (RECALLS_FOUND,), bytes_out=20)
    clock.now += 60
    buffer.count("usr_a", "key_1", 200, 0.4)

    rows, _ = buffer.take()

    assert {who: named(row) for who, row in rows.items()} == {
        (MINUTE, "usr_a", "key_1"): {
            "requests": 2,
            "stashes": 1,
            "recalls_found": 1,
            "bytes_in": 300,
            "bytes_out": 20,
            "up_to_1_ms": 1,
            "up_to_5_ms": 1,
        },
        (MINUTE + 1, "usr_a", "key_1"): {"requests": 1, "up_to_1_ms": 1},
    }


def test_statuses_are_counted_by_their_kind(clock: Clock) -> None:
    buffer = Buffer(clock)
    for status in (200, 304, 404, 410, 429, 500, 503, 507):
        buffer.count("usr_a", "key_1", status, 1)

    (row,) = buffer.take()[0].values()

    assert named(row) == {"requests": 8, "status_4xx": 2, "status_429": 1, "status_5xx": 3, "up_to_1_ms": 8}


def test_a_duration_at_a_bound_is_within_it(clock: Clock) -> None:
    buffer = Buffer(clock)
    for milliseconds in (0, 1, 1.01, 5_000, 5_000.1, 60_000):
        buffer.count("usr_a", "key_1", 200, milliseconds)

    (row,) = buffer.take()[0].values()

    assert named(row) == {
        "requests": 6,
        "up_to_1_ms": 2,
        "up_to_2_ms": 1,
        "up_to_5000_ms": 1,
        "over_5000_ms": 2,
    }


def test_what_was_taken_is_not_taken_again(clock: Clock) -> None:
    buffer = Buffer(clock)
    buffer.count("usr_a", "key_1", 200, 1)
    buffer.use("key_1", NOW)

    assert buffer.take() != ({}, {})
    assert buffer.take() == ({}, {})


def test_what_is_given_back_is_added_to_what_came_meanwhile(clock: Clock) -> None:
    buffer = Buffer(clock)
    for _ in range(3):
        buffer.count("usr_a", "key_1", 200, 1)
        buffer.count("usr_b", "key_2", 200, 1)
    rows, _ = buffer.take()
    buffer.count("usr_a", "key_1", 200, 1)
    buffer.count("usr_c", "key_3", 200, 1)

    buffer.give_back_rows(rows)

    assert {who[1]: row[0] for who, row in buffer.take()[0].items()} == {"usr_a": 4, "usr_b": 3, "usr_c": 1}


def test_the_latest_use_of_a_key_wins_over_one_that_is_given_back() -> None:
    buffer = Buffer()
    buffer.use("key_1", NOW + timedelta(seconds=5))

    buffer.give_back_used({"key_1": NOW, "key_2": NOW})

    assert buffer.take()[1] == {"key_1": NOW + timedelta(seconds=5), "key_2": NOW}


def test_beyond_its_bound_it_counts_for_the_service_alone_and_loses_nothing(clock: Clock) -> None:
    buffer = Buffer(clock, most_rows=3)
    for number in range(10):
        buffer.count(f"usr_{number}", f"key_{number}", 200, 1)
        buffer.use(f"key_{number}", NOW)
    rows, used = buffer.take()
    buffer.count("usr_x", "key_x", 200, 1)
    buffer.give_back_rows(rows)
    buffer.count("usr_y", "key_y", 200, 1)

    kept, _ = buffer.take()

    assert len(used) == 3
    assert len(kept) <= 5
    assert kept[(MINUTE, "", "")][0] >= 7
    assert sum(row[0] for row in kept.values()) == 12


def test_eight_threads_count_to_the_request(clock: Clock) -> None:
    """One of them takes meanwhile, and gives back half of it."""
    buffer, taken = Buffer(clock), [0] * WIDTH

    def work() -> None:
        for number in range(5_000):
            buffer.count("usr_a", f"key_{number % 3}", 200, 1, (STASHES,))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        rows, _ = buffer.take()
        if len(rows) % 2:
            buffer.give_back_rows(rows)
        else:
            taken[STASHES] += sum(row[STASHES] for row in rows.values())
    taken[STASHES] += sum(row[STASHES] for row in buffer.take()[0].values())

    assert taken[STASHES] == 40_000
