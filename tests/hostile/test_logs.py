"""A key, wherever a client puts it, and a query, whatever is in it, never reach a log."""

import json
import logging
import sys
from typing import NamedTuple

import pytest

from accounts.key_secret import new_secret
from stash_site.logs import ConsoleFormatter, JsonFormatter
from tests.leaks.attempts import QUERY, attempts
from tests.raw_http import connect
from tests.server_process import ServerProcess


class Told(NamedTuple):
    """Two keys that were put everywhere, one that opens and one that was never valid, and all that was logged."""

    keys: tuple[str, str]
    out: str
    err: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A server to which all of this was sent, and which has stopped."""
    server = ServerProcess(tmp_path_factory.mktemp("told")).start()
    keys = server.create_key("ada@example.com", "--tier", "enterprise"), new_secret()
    for key in keys:
        for request in attempts(key):
            with connect(server) as connection:
                connection.sendall(request)
                assert connection.recv(12).startswith(b"HTTP/1.1 "), request
    server.stop()
    return Told(keys, server.out, server.err)


def test_no_key_is_in_any_log(told: Told) -> None:
    for text in (told.out, told.err):
        for key in told.keys:
            assert key.partition("_live_")[2].lower() not in text.lower()


def test_no_query_is_in_any_log(told: Told) -> None:
    assert QUERY not in told.out + told.err
    assert "api_key" not in told.out + told.err


def test_none_of_it_was_a_fault_of_ours(told: Told) -> None:
    assert "Traceback" not in told.out + told.err
    assert {json.loads(line)["level"] for line in told.out.split("\n")[:-1]} <= {"INFO", "WARNING"}


@pytest.mark.parametrize("formatter", [JsonFormatter(), ConsoleFormatter()])
def test_a_key_in_a_traceback_or_a_line_of_anybodys_is_masked(formatter: logging.Formatter) -> None:
    key = new_secret()
    try:
        raise ValueError(f"no such thing as {key}")
    except ValueError:
        record = logging.LogRecord("other", logging.ERROR, "", 1, "found %s", (key,), sys.exc_info())

    line = formatter.format(record)

    assert "found sk_..." in line
    assert "no such thing as sk_..." in line
    assert key[8:] not in line
