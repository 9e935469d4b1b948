"""Health, for load balancers: no key needed, no secrets in it."""

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
    """Whether the process lives, and whether it can do its work."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def live(self, request: Request) -> HttpResponse:
        """200 while the process answers at all."""
        return json_response(200, {"status": "ok"})

    def ready(self, request: Request) -> HttpResponse:
        """200 while users and keys can be reached, and memories: else 503, and which of them cannot.

        A pool that is down is its users' trouble alone, and named; all of them are everyone's.
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
    """As the answer has it."""
    return "ok" if answers else "unavailable"


def database_answers() -> bool:
    """Whether the database of users and keys answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def pools_answer() -> dict[str, bool]:
    """Whether each pool answers, all asked at once: one that does not takes its time."""
    names = list(pools())
    if len(names) == 1:
        return {names[0]: pool_answers(names[0])}
    with ThreadPoolExecutor(len(names)) as threads:
        return dict(zip(names, threads.map(pool_answers, names), strict=True))


def pool_answers(name: str) -> bool:
    """Whether the pool answers; "not found" is an answer."""
    try:
        pools()[name].do("usr_nobody", [Recall("health")])
    except StashError:
        return False
    return True
