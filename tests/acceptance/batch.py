"""Sends batches."""

from typing import Any

import httpx2


def batch(client: httpx2.Client, *operations: Any) -> list[dict[str, Any]]:
    """The results."""
    answer = client.post("/batch", json={"operations": operations})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]
