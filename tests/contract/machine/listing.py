"""A listing under way: page after page, while the walk goes on between them."""

from dataclasses import dataclass, field

from stash_memory.records import Page
from tests.contract.machine.holdings import Holdings
from tests.contract.machine.window import Window


@dataclass
class Listing:
    """What was asked for, and how far it got: `after` is the last id that was shown."""

    user: str
    prefix: str
    limit: int
    after: str = ""
    cursor: str | None = None
    shown: set[str] = field(default_factory=set)

    def showed(self, page: Page, holdings: Holdings, window: Window) -> None:
        """Asserts that the page is all that is alive beyond the last one, up to the limit."""
        names = [entry.id for entry in page.entries]
        assert not self.shown & set(names), "shown twice"
        rests = [self._rest(list(world)) for world in holdings.worlds(window)]
        assert names in [rest[: self.limit] for rest in rests]
        if page.cursor is None:
            assert names in rests, "the last page shows all that is left"
        for entry in page.entries:
            kept = holdings.kept[entry.id]
            assert (entry.size, entry.version) == (kept.body.size, kept.version)
            assert entry.expires_at_ms == kept.expires_at_ms
            assert entry.remaining_ms >= 1
            assert window.has(entry.expires_at_ms - entry.remaining_ms)
        self.shown |= set(names)
        self.after = names[-1] if names else self.after
        self.cursor = page.cursor

    def _rest(self, ids: list[str]) -> list[str]:
        """Those that are still to be shown, in the order of their UTF-8 bytes."""
        wanted = [
            name for name in ids if name.startswith(self.prefix) and name.encode() > self.after.encode()
        ]
        return sorted(wanted, key=str.encode)
