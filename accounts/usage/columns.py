"""The columns of a row of usage, in order. In a process a row is a plain list of as many numbers."""

from accounts.models.usage import UsageCounts

COLUMNS = tuple(
    field.name for field in UsageCounts._meta.get_fields() if field.name not in ("pk", "subject", "at")
)
WIDTH = len(COLUMNS)

REQUESTS = COLUMNS.index("requests")
STASHES = COLUMNS.index("stashes")
UPDATES = COLUMNS.index("updates")
FORGETS = COLUMNS.index("forgets")
RECALLS_FOUND = COLUMNS.index("recalls_found")
RECALLS_EXPIRED = COLUMNS.index("recalls_expired")
RECALLS_MISSING = COLUMNS.index("recalls_missing")
BYTES_IN = COLUMNS.index("bytes_in")
BYTES_OUT = COLUMNS.index("bytes_out")
STATUS_429 = COLUMNS.index("status_429")
STATUS_4XX = COLUMNS.index("status_4xx")
STATUS_5XX = COLUMNS.index("status_5xx")

# The latency histogram: the upper bounds of its buckets, and the column of its first one. The last has no bound.
BOUNDS_MS = tuple(int(name.split("_")[2]) for name in COLUMNS if name.startswith("up_to_"))
FIRST_BUCKET = COLUMNS.index("up_to_1_ms")

Row = list[int]


def add(total: Row, row: Row) -> None:
    """Adds `row` to `total`, column by column."""
    for column, number in enumerate(row):
        if number:
            total[column] += number
