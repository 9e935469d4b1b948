"""Answers come whole and in order, wherever what the kernel hands over begins and ends."""

import itertools
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import hiredis
import pytest

from stash_memory.backends.redis.large_answer import LARGE_BYTES
from stash_memory.backends.redis.link import DirectLink

LARGE = b"x" * (LARGE_BYTES + 10)
ANSWERS = [1, [7, -1, [0, 1234, LARGE, None]], b"small", [0, [5, LARGE], [6, b"y", LARGE]], [], LARGE, 2]


def sent(value: Any) -> bytes:
    """The value in Redis's protocol."""
    match value:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % value
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(value), value)
    return b"*%d\r\n%b" % (len(value), b"".join(map(sent, value)))


class Fed(DirectLink):
    """A link that receives these pieces, one at a time, as far as a buffer takes them."""

    def __init__(self, sock: socket.socket, pieces: Iterator[bytes]) -> None:
        super().__init__(
            SimpleNamespace(_sock=sock, _parser=SimpleNamespace(parse_error=Exception), socket_timeout=None)
        )
        self.pieces, self.left = pieces, b""

    def _receive(self, buffer: Any) -> int:
        piece = self.left or next(self.pieces)
        count = min(len(piece), len(buffer))
        buffer[:count] = piece[:count]
        self.left = piece[count:]
        return count


@pytest.mark.parametrize("at", [*range(1, 60), *range(-60, 0)])
def test_a_large_value_that_begins_a_piece_is_no_answer_of_its_own(at: int) -> None:
    one = sent(ANSWERS[1])
    text = b"".join(map(sent, ANSWERS))
    first = len(sent(ANSWERS[0])) + at % len(one)
    cuts = [0, first, first + 17, len(text) // 2, len(text)]
    pieces = [text[begin:end] for begin, end in itertools.pairwise(cuts) if begin < end]
    reader = hiredis.Reader()
    reader.feed(text)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        link = Fed(ours, iter(pieces))

        found = [link.answer() for _ in ANSWERS]

        assert found == [reader.gets() for _ in ANSWERS]
        assert link.owes_nothing()


def test_a_link_with_an_answer_left_over_is_not_used_again() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        link = Fed(ours, iter([sent(1) + sent(2)]))
        assert link.answer() == 1

        assert not link.owes_nothing()
        assert link.answer() == 2
        assert link.owes_nothing()
