"""The short form of `make soak`: a few seconds of everything at once, with every answer checked."""

from collections.abc import Callable

import pytest

from tests.every_engine.cast import troupe_of
from tests.server_process import ServerProcess
from tests.soak.load import soak

SECONDS = 4
CLIENTS = 12


@pytest.mark.parametrize("engine", ["sqlite", "redis"])
def test_a_mixed_load_gets_no_answer_that_it_cannot_account_for(
    server_on: Callable[[str], ServerProcess], engine: str
) -> None:
    server = server_on(engine)
    keys = [member.key for member in troupe_of(server)["enterprise"]][:2]

    report = soak(server, keys, CLIENTS, SECONDS)

    assert sum(report.done.values()) > CLIENTS
    assert {"stash", "put", "recall"} <= set(report.done)
