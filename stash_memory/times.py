"""Times as Stash shows them: UTC, ISO 8601, whole seconds, ending in Z."""

from datetime import UTC, datetime


def instant(at_ms: int) -> datetime:
    """`at_ms` (milliseconds since the epoch) in UTC, rounded down to a second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC)


def iso(at_ms: int) -> str:
    """The same as text: "2026-01-15T11:30:00Z"."""
    # A third of strftime's time; what is cut off is +00:00.
    return instant(at_ms).isoformat()[:-6] + "Z"


def iso_of(at: datetime) -> str:
    """`at`, of any time zone, rounded down to a second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds_left(remaining_ms: int) -> int:
    """`remaining_ms` in seconds, rounded up, so that it is never 0 for a memory that lives."""
    return -(-remaining_ms // 1000)
