"""Prints how many SQL queries a recall and a stash cost in this process, once the key on standard input is known."""

import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stash_site.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

asked: list[str] = []


def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Django's hook around each query."""
    asked.append(sql)
    return execute(sql, params, many, context)


def main() -> None:
    """The first request asks the database for the key; those that follow are counted."""
    client = Client(headers={"X-API-KEY": sys.stdin.read().strip()})
    body = {"data": {"task": "summarize"}}
    with connection.execute_wrapper(note):
        memory_id = client.post("/stash", body, content_type="application/json").json()["memory_id"]
        if not asked:
            raise SystemExit("The first request has to ask for its key: nothing was counted.")
        asked.clear()
        recalled = client.get(f"/recall/{memory_id}")
        stashed = client.post("/stash", body, content_type="application/json")
    if (recalled.status_code, stashed.status_code) != (200, 201):
        raise SystemExit(f"{recalled.status_code} {stashed.status_code}")
    print(len(asked))


if __name__ == "__main__":
    main()
