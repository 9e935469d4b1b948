"""What every answer carries, whatever it says: protection from shared caches, and what is left of the rate."""

import re

import httpx2
import pytest

from memories.problems import problem
from stash_memory import errors
from tests.acceptance.answers.kinds import answers
from tests.acceptance.test_headers import PROTECTION
from tests.server_process import ServerProcess

ERRORS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.StashError)
]
ARGUMENTS: dict[type, tuple[int, ...]] = {errors.MemoryExpired: (0,), errors.RateLimited: (1_000,)}


@pytest.fixture(scope="session")
def kinds(server: ServerProcess) -> dict[str, dict[str, str]]:
    """The headers of one answer of every kind."""
    return answers(server)


def test_every_status_that_a_user_can_have_is_among_them(kinds: dict[str, dict[str, str]]) -> None:
    statuses = {int(name[:3]) for name in kinds}

    assert statuses == {200, 201, 204, 304, 400, 403, 404, 405, 410, 412, 413, 429}


def test_none_of_them_may_be_kept_by_a_shared_cache_or_sniffed(kinds: dict[str, dict[str, str]]) -> None:
    for name, headers in kinds.items():
        assert {header: headers.get(header) for header in PROTECTION} == PROTECTION, name


def test_each_of_them_tells_what_is_left_of_the_rate(kinds: dict[str, dict[str, str]]) -> None:
    for name, headers in kinds.items():
        assert headers.get("ratelimit-policy") == '"requests";q=40;w=40', name
        assert re.fullmatch(r'"requests";r=\d+;t=\d+', headers["ratelimit"]), name
    assert kinds["429 no token"]["ratelimit"] == '"requests";r=0;t=1'


def test_each_of_them_has_a_request_id(kinds: dict[str, dict[str, str]]) -> None:
    for name, headers in kinds.items():
        assert headers["x-request-id"], name


def test_errors_are_problems_and_what_has_no_body_has_no_type(kinds: dict[str, dict[str, str]]) -> None:
    for name, headers in kinds.items():
        status = int(name[:3])
        wanted = "application/problem+json" if status >= 400 else "application/json"
        assert headers.get("content-type") == (None if status in (204, 304) else wanted), name


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_is_a_protected_problem(kind: type[errors.StashError]) -> None:
    """Those too that a healthy server never answers: 408, 503, 507."""
    answer = problem(kind(*ARGUMENTS.get(kind, ())))

    assert answer.status_code == kind.status
    assert answer["Content-Type"] == "application/problem+json"
    assert {name: answer[name] for name in PROTECTION} == PROTECTION


def test_without_a_valid_key_there_is_no_rate_to_tell_of(server: ServerProcess) -> None:
    with server.stranger() as stranger:
        refused = stranger.get("/recall/x")

    assert refused.status_code == 401
    assert not {"RateLimit", "RateLimit-Policy"} & set(refused.headers)
    assert {name: refused.headers[name] for name in PROTECTION} == PROTECTION


def test_a_user_without_a_limit_is_told_of_none(alice: httpx2.Client) -> None:
    assert not {"RateLimit", "RateLimit-Policy"} & set(alice.get("/recall/none").headers)
