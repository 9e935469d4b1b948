"""What became of one memory: the writes that were acknowledged, and those of which nobody knows."""

from typing import NamedTuple


class Write(NamedTuple):
    """What a write left, None where it forgot, and when its answer came (seconds since the epoch)."""

    text: bytes | None
    at: float


class Ledger:
    """Of one id, written by one client, one write after another.

    A write without an answer may be applied, or not, or later: Redis does what lies in its socket when it goes on,
    also after whoever sent it has gone away.
    """

    def __init__(self) -> None:
        self._done = [Write(None, 0.0)]
        self._perhaps: list[bytes | None] = []

    def acknowledged(self, text: bytes | None, at: float) -> None:
        """This write was answered with success."""
        self._done.append(Write(text, at))

    def unanswered(self, text: bytes | None) -> None:
        """Nobody knows whether this one was applied."""
        self._perhaps.append(text)

    def found(self, text: bytes | None) -> list[Write]:
        """It is so, now: the acknowledged writes that are lost, then. Raises AssertionError for what nobody wrote."""
        if text == self._done[-1].text or text in self._perhaps:
            return []
        before = [number for number, write in enumerate(self._done) if write.text == text]
        if text is not None and not before:
            raise AssertionError(f"it holds what nobody wrote: {text[:200]!r}")
        kept = before[-1] + 1 if before else 0
        lost, self._done = self._done[kept:], self._done[:kept] or [Write(None, 0.0)]
        return lost

    def there(self, alive: bool) -> list[Write]:
        """It is there, or it is not: what is lost, then."""
        if alive in {text is not None for text in (self._done[-1].text, *self._perhaps)}:
            return []
        return [self._done.pop()] if alive else self.found(None)

    def settled(self, text: bytes | None, at: float) -> None:
        """It is so, and nothing is under way any more."""
        self._done, self._perhaps = [Write(text, at)], []
