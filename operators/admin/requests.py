"""How much the users or keys of a page are used."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.usage.figures import requests_of


def add_requests(found: Iterable[Any]) -> None:
    """Gives each the number of its requests within the last day, as `requests`: one query for all of them."""
    known = requests_of([one.public_id for one in found], timezone.now())
    for one in found:
        one.requests = known.get(one.public_id, 0)
