"""Answers come whole and in order, wherever what the kernel hands over begins and ends."""

import itertools
import socket
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import hiredis
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as DriverConnectionError
from redis.exceptions import InvalidResponse

from stash_memory.backends.redis.link import READ_BYTES, DirectLink, Pieces
from tests.library.redis.lookalikes import LOOKALIKES

LARGE = b"x" * (READ_BYTES + 10)


def sent(value: Any) -> bytes:
    """The value in Redis's protocol."""
    match value:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % value
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(value), value)
        case str():
            return b"+%b\r\n" % value.encode()
    return b"*%d\r\n%b" % (len(value), b"".join(map(sent, value)))


class Fed(DirectLink):
    """A link that receives these pieces, one at a time, as far as a buffer takes them; and then the end."""

    def __init__(self, sock: socket.socket, pieces: Sequence[bytes]) -> None:
        super().__init__(SimpleNamespace(_sock=sock, socket_timeout=None))
        self.pieces, self.left = iter(pieces), b""

    def _receive(self, buffer: Any) -> int:
        piece = self.left or next(self.pieces, b"")
        if not piece:
            raise DriverConnectionError
        count = min(len(piece), len(buffer))
        buffer[:count] = piece[:count]
        self.left = piece[count:]
        return count

    def _receive_all(self, size: int) -> bytes:
        buffer = bytearray(size)
        return bytes(buffer[: self._receive(buffer)])


def fed(pieces: Sequence[bytes], count: int) -> list[Any]:
    """So many answers from these pieces; of a whole text, nothing is left over then."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        link = Fed(ours, pieces)
        answers = [link.answer() for _ in range(count)]
        assert link.owes_nothing()
        return [b"".join(one) if isinstance(one, Pieces) else one for one in answers]


def cut(text: bytes, at: Sequence[int]) -> list[bytes]:
    """The text in pieces, cut at these places."""
    places = sorted({0, *(place % len(text) for place in at), len(text)})
    return [text[begin:end] for begin, end in itertools.pairwise(places)]


values = st.builds(
    lambda seed, size: (seed * (size // len(seed) + 1))[:size],
    st.sampled_from(LOOKALIKES),
    st.one_of(st.integers(0, 40), st.integers(READ_BYTES - 20, READ_BYTES + 20), st.just(3 * READ_BYTES)),
)
answers = st.recursive(
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.just("OK"), values),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(answers, min_size=1, max_size=6), st.lists(st.integers(0, 2**20), max_size=12))
# The beginning of a size is all that came, and what an earlier answer left in the buffer would go on with it.
@example([LARGE, b"7777777", 3], [len(sent(LARGE)) + 2])
# A large value begins a piece in the middle of an answer.
@example([[0, LARGE], 1], [8])
def test_answers_are_what_was_sent_however_it_is_cut(sequence: list[Any], at: list[int]) -> None:
    text = b"".join(map(sent, sequence))
    reader = hiredis.Reader()
    reader.feed(text)

    assert fed(cut(text, at), len(sequence)) == [reader.gets() for _ in sequence]


@pytest.mark.parametrize("at", [*range(1, 60), *range(-60, 0)])
def test_a_large_value_that_begins_a_piece_is_no_answer_of_its_own(at: int) -> None:
    sequence = [1, [7, -1, [0, 1234, LARGE, None]], b"small", [0, [5, LARGE], [6, b"y", LARGE]], [], LARGE, 2]
    text = b"".join(map(sent, sequence))
    first = len(sent(sequence[0])) + at % len(sent(sequence[1]))

    assert fed(cut(text, [first, first + 17, len(text) // 2]), len(sequence)) == sequence


@pytest.mark.parametrize("value", [b"small", LARGE, [0, LARGE]], ids=["small", "large", "nested"])
@pytest.mark.parametrize("missing", [1, 2, 3, 5])
def test_an_answer_that_ends_early_is_none(value: Any, missing: int) -> None:
    with pytest.raises(DriverConnectionError):
        fed([sent(value)[:-missing]], 1)


def test_a_large_value_that_does_not_end_where_it_should_is_none() -> None:
    with pytest.raises(InvalidResponse):
        fed([sent(LARGE)[:-2] + b":1\r\n"], 1)


def test_a_link_with_an_answer_left_over_is_not_used_again() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        link = Fed(ours, [sent(1) + sent(2)])
        assert link.answer() == 1

        assert not link.owes_nothing()
        assert link.answer() == 2
        assert link.owes_nothing()
