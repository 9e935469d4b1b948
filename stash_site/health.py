"""Health, for load balancers: no key needed, no secrets in it."""

from django.db import DatabaseError, connection
from django.http import HttpResponse
from rest_framework.request import Request

from memories.responses import json_response
from memories.store import store
from memories.views.viewset import ApiViewSet
from stash_memory.errors import MemoryMissing, StashError


class HealthViewSet(ApiViewSet):
    """Whether the process lives, and whether it can do its work."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def live(self, request: Request) -> HttpResponse:
        """200 while the process answers at all."""
        return json_response(200, {"status": "ok"})

    def ready(self, request: Request) -> HttpResponse:
        """200 while users, keys and memories can be reached; else 503, and which of them cannot."""
        parts = {"database": database_answers(), "store": store_answers()}
        good = all(parts.values())
        words = {name: "ok" if answers else "unavailable" for name, answers in parts.items()}
        return json_response(200 if good else 503, {"status": "ok" if good else "unavailable", **words})


def database_answers() -> bool:
    """Whether the database of users and keys answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def store_answers() -> bool:
    """Whether the store answers: that it holds no memory of nobody's is an answer."""
    try:
        store().backend.get("usr_nobody", "health")
    except MemoryMissing:
        return True
    except StashError:
        return False
    return True
