"""The document as the server serves it."""

from typing import Any

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture(scope="session")
def document(server: ServerProcess) -> dict[str, Any]:
    """Without a key: it is for everyone."""
    found: dict[str, Any] = httpx2.get(f"{server.url}/openapi.json", timeout=60).json()
    return found
