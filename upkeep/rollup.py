"""The usage's roll-up, by one process at a time."""

from django.utils import timezone

from accounts.usage import rollup
from storage.models import Lease

LEASE_SECONDS = 120


def roll_up() -> int | None:
    """How many rows of usage went; None while another process is at it. Raises DatabaseError."""
    with Lease.held("usage", LEASE_SECONDS) as mine:
        return rollup.roll_up(timezone.now()) if mine else None
