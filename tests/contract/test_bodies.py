"""Bytes in, the same bytes out."""

import random
from array import array

import pytest

from stash_memory.errors import StoreUnavailable
from stash_memory.records import Buffer
from tests.contract.cast import ALICE, LONG, SHORT, content
from tests.contract.engines import Engine

EVERY_BYTE = bytes(range(256))
LARGE = random.Random(3).randbytes(3 * 1024 * 1024)


def uneven(data: bytes) -> list[bytes]:
    """The data in buffers of one byte to 700 KB, none of them of a round size."""
    pieces, start = [], 0
    for length in [1, 7, 65_535, 65_537, 262_145, 700_001, 13, 1_048_575]:
        pieces.append(data[start : start + length])
        start += length
    return [*pieces, data[start:]]


BODIES: dict[str, list[Buffer]] = {
    "no buffers": [],
    "one empty buffer": [b""],
    "only empty buffers": [b"", bytearray(), memoryview(b"")],
    "empty buffers between others": [b"", b"ab", b"", b"cd", b""],
    "every byte": [EVERY_BYTE],
    "zero bytes": [b"\0", b"\0\0"],
    "bytes that are no UTF-8": [b"\xff\xfe\x80"],
    "text": ['{"a": "žluť 🦊"}'.encode()],
    "a bytearray": [bytearray(EVERY_BYTE)],
    "a memoryview": [memoryview(EVERY_BYTE)[3:99]],
    "a memoryview of a bytearray": [memoryview(bytearray(EVERY_BYTE))],
    "a memoryview of wider items": [memoryview(array("I", [1, 2, 2**31]))],
    "a memoryview with a step": [memoryview(EVERY_BYTE)[::2]],
    "a large memoryview of wider items": [memoryview(array("I", range(20_000)))],
    "a large memoryview with a step": [memoryview(EVERY_BYTE * 200)[::2]],
    "all kinds at once": [b"a", bytearray(b"b"), memoryview(b"c")],
    "many small buffers": [bytes([n % 256]) * (n % 3) for n in range(10_000)],
    "just under a power of two": [b"x" * 65_535],
    "a power of two": [b"x" * 65_536],
    "just over a power of two": [b"x" * 65_537],
    "exactly a chunk": [LARGE[: 256 * 1024]],
    "exactly a megabyte": [LARGE[: 1024 * 1024]],
    "a byte over a megabyte": [LARGE[: 1024 * 1024 + 1]],
    "3 MB in one buffer": [LARGE],
    "3 MB in uneven buffers": [*uneven(LARGE)],
}


def plain(body: list[Buffer]) -> bytes:
    return b"".join(bytes(buffer) for buffer in body)


def test_the_uneven_buffers_are_the_whole() -> None:
    assert b"".join(uneven(LARGE)) == LARGE
    assert len(uneven(LARGE)[-1]) > 1


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_comes_back_as_it_went_in(engine: Engine, body: list[Buffer]) -> None:
    put = engine.backend.put(ALICE, "plan", body, LONG)
    got = engine.backend.get(ALICE, "plan")
    assert content(got) == plain(body)
    assert put.size == got.size == len(plain(body))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_updated_body_comes_back_as_it_went_in(engine: Engine, body: list[Buffer]) -> None:
    engine.backend.put(ALICE, "plan", [b"before"], LONG)
    updated = engine.backend.update(ALICE, "plan", body=body, max_ttl_ms=LONG)
    got = engine.backend.get(ALICE, "plan")
    assert content(got) == plain(body)
    assert updated.size == got.size == len(plain(body))


@pytest.mark.parametrize("count", [1, 2, 50])
@pytest.mark.parametrize("length", [6, 100_000])
def test_a_body_is_read_and_not_kept(engine: Engine, count: int, length: int) -> None:
    mine = [bytearray(b"b" * length) for _ in range(count)]
    engine.backend.put(ALICE, "plan", mine, LONG)
    for buffer in mine:
        buffer[:] = b"a" * length
    assert content(engine.backend.get(ALICE, "plan")) == b"b" * length * count


def test_a_buffer_is_let_go_once_it_is_read(engine: Engine) -> None:
    mine = bytearray(b"before")
    engine.backend.put(ALICE, "plan", [memoryview(mine)], LONG)
    mine.extend(b"a bytearray that is still exported cannot grow")
    assert content(engine.backend.get(ALICE, "plan")) == b"before"


def test_a_body_can_be_read_any_number_of_times(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [LARGE], LONG)
    assert [content(engine.backend.get(ALICE, "plan")) == LARGE for _ in range(3)] == [True] * 3


def test_a_body_comes_out_in_buffers(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", uneven(LARGE), LONG)
    body = engine.backend.get(ALICE, "plan").body
    assert all(isinstance(buffer, bytes | bytearray | memoryview) for buffer in body)


def replace(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [LARGE[::-1]], LONG)


def delete(engine: Engine) -> None:
    engine.backend.delete(ALICE, "plan")


def replace_twice_and_purge(engine: Engine) -> None:
    replace(engine)
    engine.backend.update(ALICE, "plan", body=[b"small"], max_ttl_ms=LONG)
    engine.backend.purge(1000)


def let_expire_and_purge(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"small"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)


@pytest.mark.parametrize("meanwhile", [replace, delete, replace_twice_and_purge, let_expire_and_purge])
def test_a_recall_under_way_is_never_given_half_of_another_value(engine: Engine, meanwhile) -> None:
    engine.backend.put(ALICE, "plan", uneven(LARGE), LONG)
    buffers = iter(engine.backend.get(ALICE, "plan").body)
    read = bytes(next(buffers))
    meanwhile(engine)
    try:
        read += b"".join(buffers)
    except StoreUnavailable:
        return
    assert read == LARGE
