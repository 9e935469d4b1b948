"""Times as Stash shows them: UTC, ISO 8601, whole seconds, ending in Z."""

from datetime import UTC, datetime


def instant(at_ms: int) -> datetime:
    """Converts milliseconds since the epoch to UTC, rounded down to a second."""
    return datetime.fromtimestamp(at_ms // 1000, UTC)


def iso(at_ms: int) -> str:
    """Writes milliseconds since the epoch as text: "2026-01-15T11:30:00Z"."""
    # Three times as fast as strftime. The slice removes +00:00.
    return instant(at_ms).isoformat()[:-6] + "Z"


def iso_of(at: datetime) -> str:
    """Writes `at`, of any time zone, as text, rounded down to a second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds_left(remaining_ms: int) -> int:
    """Converts `remaining_ms` to seconds, rounded up: never 0 for a memory that lives."""
    return -(-remaining_ms // 1000)
