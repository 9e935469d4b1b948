"""How many rows a transaction of a long piece of work takes, by how long those before it took."""

# A third of what a writer may have to wait for another's transaction at most.
SECONDS = 0.05
FIRST = 128
LEAST = 8


class Pace:
    """`rows` is for the next batch, at most `most`: fewer after one that took long, more after quick ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows = min(FIRST, most)

    def took(self, rows: int, seconds: float) -> None:
        """A batch of so many rows took so long."""
        if seconds > SECONDS:
            self.rows = max(LEAST, min(self.rows, int(rows * SECONDS / seconds)))
        elif rows >= self.rows and 2 * seconds < SECONDS:
            self.rows = min(2 * self.rows, self._most)
