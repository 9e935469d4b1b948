"""10,000 mixed requests over two workers, counted to the request. Run by `make proof`."""

import time
from collections.abc import Callable

import pytest

from tests.acceptance.test_usage import hosted, loaded
from tests.server_process import ServerProcess
from tests.usage_load import assert_adds_up

REQUESTS = 10_000


@pytest.mark.parametrize("mode", ["local", "hosted"])
def test_ten_thousand_requests_are_counted_to_the_request(
    own_server: Callable[..., ServerProcess], mode: str
) -> None:
    server = own_server("--workers", "2", **hosted() if mode == "hosted" else {})
    load = loaded(server)
    began = time.monotonic()

    tally = load.run(REQUESTS, threads=16)
    seconds = time.monotonic() - began
    assert server.stop() == 0

    assert_adds_up(server, tally)
    print(f"\n{mode}: {REQUESTS:,} requests in {seconds:.0f} s, all counted: {dict(tally[''])}")
