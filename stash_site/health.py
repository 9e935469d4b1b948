"""Health checks for load balancers. They need no key and show no secret."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpResponse
from rest_framework.request import Request

from memories.responses import json_response
from memories.views.viewset import ApiViewSet
from stash_memory.errors import StashError
from stash_memory.operations import Recall
from storage.store import pools


class HealthViewSet(ApiViewSet):
    """Tells whether the process lives, and whether it can do its work."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def live(self, request: Request) -> HttpResponse:
        """Answer 200."""
        return json_response(200, {"status": "ok"})

    def ready(self, request: Request) -> HttpResponse:
        """Answer 200 if users, keys and memories can be reached; otherwise 503 with the parts that cannot.

        One pool that is down concerns its users only, so the response names it and stays 200.
        """
        pools = pools_answer()
        parts = {"database": database_answers(), "store": any(pools.values())}
        good = all(parts.values())
        document: dict[str, Any] = {
            "status": word(good),
            **{name: word(answers) for name, answers in parts.items()},
        }
        if len(pools) > 1:
            document["pools"] = {name: word(answers) for name, answers in pools.items()}
        return json_response(200 if good else 503, document)


def word(answers: bool) -> str:
    """Return the response's word for a state."""
    return "ok" if answers else "unavailable"


def database_answers() -> bool:
    """Return whether the database of users and keys answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def pools_answer() -> dict[str, bool]:
    """Return whether each pool answers. All are asked at once, since a dead one takes its time."""
    names = list(pools())
    if len(names) == 1:
        return {names[0]: pool_answers(names[0])}
    with ThreadPoolExecutor(len(names)) as threads:
        return dict(zip(names, threads.map(pool_answers, names), strict=True))


def pool_answers(name: str) -> bool:
    """Return whether the pool answers, if only that it has no such memory."""
    try:
        pools()[name].do("usr_nobody", [Recall("health")])
    except StashError:
        return False
    return True
