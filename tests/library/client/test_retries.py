"""When a request is sent again: the procedure driven by hand, with every outcome that a request can have."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from memories.problems import document_of, retry_after
from stash_memory.client.procedures import Wait, run
from stash_memory.client.retries import TRIES, Lost, Unsent, exchange
from stash_memory.client.wire import Request, Response, build_request, read_answer
from stash_memory.errors import (
    MemoryNotFound,
    QuotaExceeded,
    RateLimited,
    StashError,
    StoreFull,
    StoreUnavailable,
)
from stash_memory.operations import (
    AnyOperation,
    Batch,
    Forget,
    ForgetPrefix,
    ListPage,
    Put,
    Recall,
    Stash,
    Update,
)

SAFE: list[AnyOperation | Batch] = [
    Recall("a"),
    Recall("a", None, 60_000),
    Put("a", (b"1",)),
    Update("a", (b"1",)),
    Forget("a"),
    Forget("a", "v"),
    ListPage("", None, 10),
    Batch([Recall("a"), Recall("b")]),
]
ONCE: list[AnyOperation | Batch] = [
    Stash((b"1",)),
    Put("a", (b"1",), if_absent=True),
    Put("a", (b"1",), if_version="v"),
    Update("a", None, 60_000),
    Update("a", (b"1",), if_version="v"),
    ForgetPrefix("a"),
    Batch([Recall("a"), Put("b", (b"1",))]),
]
OK = Response(200, {}, b"{}")


def refusal(error: StashError) -> Response:
    """The server's answer for the error."""
    seconds = retry_after(error)
    headers = {} if seconds is None else {"retry-after": str(seconds)}
    return Response(error.status, headers, json.dumps(document_of(error)).encode())


class Wire:
    """What happens to each request that is sent, in turn; the waits between them are noted, not waited."""

    def __init__(self, *outcomes: Response | Exception) -> None:
        self._outcomes: Iterator[Response | Exception] = iter(outcomes)
        self.sent = 0
        self.waits: list[float] = []

    def act(self, step: Any) -> Any:
        if isinstance(step, Wait):
            self.waits.append(step.seconds)
            return None
        assert isinstance(step, Request)
        self.sent += 1
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def send(self, call: AnyOperation | Batch, max_wait: float = 30) -> Response:
        return run(exchange(build_request(call), max_wait), self.act)


@pytest.mark.parametrize("call", SAFE + ONCE, ids=str)
def test_what_was_not_sent_is_sent_again(call: AnyOperation | Batch) -> None:
    wire = Wire(Unsent("No."), Unsent("No."), OK)
    assert wire.send(call) == OK
    assert 0.05 <= wire.waits[0] <= 0.1 <= wire.waits[1] <= 0.2


@pytest.mark.parametrize("call", SAFE, ids=str)
def test_what_is_the_same_twice_as_once_is_sent_again_when_the_answer_was_lost(
    call: AnyOperation | Batch,
) -> None:
    wire = Wire(Lost("Gone."), OK)
    assert wire.send(call).status == 200
    assert wire.sent == 2


@pytest.mark.parametrize("call", ONCE, ids=str)
def test_what_is_not_is_never_sent_again_and_nobody_knows(call: AnyOperation | Batch) -> None:
    wire = Wire(Lost("Gone."))
    with pytest.raises(StoreUnavailable) as found:
        wire.send(call)
    assert wire.sent == 1
    assert found.value.applied == "unknown"
    assert str(found.value) == "Gone."
    assert found.value.__context__ is None


@pytest.mark.parametrize("call", SAFE + ONCE, ids=str)
def test_what_the_rate_limit_refused_is_sent_again_when_it_says(call: AnyOperation | Batch) -> None:
    wire = Wire(*[refusal(RateLimited(2000))] * 10, OK)
    assert wire.send(call) == OK
    assert wire.waits == [2] * 10


@pytest.mark.parametrize("call", SAFE + ONCE, ids=str)
def test_what_the_store_did_not_do_is_sent_again_when_it_says(call: AnyOperation | Batch) -> None:
    wire = Wire(refusal(StoreUnavailable(retry_after_ms=3000)), OK)
    assert wire.send(call) == OK
    assert wire.waits == [3]


@pytest.mark.parametrize("call", ONCE, ids=str)
def test_what_the_store_may_have_done_is_not(call: AnyOperation | Batch) -> None:
    wire = Wire(refusal(StoreUnavailable(applied="unknown")))
    with pytest.raises(StoreUnavailable) as found:
        wire.send(call)
    assert found.value.applied == "unknown"


def test_what_the_store_did_is_not_and_says_so() -> None:
    wire = Wire(refusal(StoreUnavailable(applied=True)))
    call = Put("a", b"1")
    with pytest.raises(StoreUnavailable) as found:
        read_answer(call, wire.send(call))
    assert found.value.applied is True


@pytest.mark.parametrize("call", [Recall("a"), Stash((b"1",))], ids=str)
def test_a_gateway_in_front_is_taken_for_a_lost_answer(call: AnyOperation | Batch) -> None:
    wire = Wire(Response(502, {}, b"<h1>Bad Gateway</h1>"), OK)
    if call == Recall("a"):
        assert wire.send(call) == OK
    else:
        with pytest.raises(StoreUnavailable) as found:
            wire.send(call)
        assert found.value.applied == "unknown"


def test_patience_ends_where_the_wait_would_be_longer() -> None:
    wire = Wire(refusal(RateLimited(60_000)))
    with pytest.raises(RateLimited) as found:
        wire.send(Recall("a"), max_wait=30)
    assert found.value.retry_after == 60
    assert wire.waits == []


def test_a_server_that_is_not_there_is_asked_a_few_times_only() -> None:
    wire = Wire(*[Unsent("No server.")] * TRIES)
    with pytest.raises(StoreUnavailable, match="No server") as found:
        wire.send(Stash((b"1",)))
    assert found.value.applied is False
    assert sum(wire.waits) < 1


def test_a_loss_is_not_forgotten_when_later_tries_are_not_sent() -> None:
    wire = Wire(Lost("Gone."), *[Unsent("No server.")] * TRIES)
    with pytest.raises(StoreUnavailable) as found:
        wire.send(Put("a", b"1"))
    assert found.value.applied == "unknown"


def test_a_forget_that_finds_its_own_work_done_is_done() -> None:
    call = Forget("a")
    assert read_answer(call, Wire(Lost("Gone."), refusal(MemoryNotFound())).send(call)) is None
    with pytest.raises(MemoryNotFound):
        read_answer(call, Wire(Unsent("No."), refusal(MemoryNotFound())).send(call))


@pytest.mark.parametrize("error", [QuotaExceeded(), StoreFull(), MemoryNotFound(), StashError()], ids=repr)
def test_what_will_not_pass_by_itself_is_not_tried_again(error: StashError) -> None:
    wire = Wire(refusal(error))
    assert wire.send(Recall("a")).status == error.status
    assert wire.sent == 1
