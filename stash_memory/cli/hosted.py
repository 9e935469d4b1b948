"""A connection to a server over the library's own client, whose bytes move a progress line."""

from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec

from stash_memory.cli.connection import Text
from stash_memory.cli.output import Progress
from stash_memory.client import problems
from stash_memory.client.choice import Choice
from stash_memory.client.hosted import Destination
from stash_memory.client.hosted import Hosted as Keeper
from stash_memory.client.wire import Request, build_request, read_answer, read_document
from stash_memory.operations import AnyOperation, Recall

TIMEOUT_S = 30
MAX_WAIT_S = 30
# Small enough to show movement on a slow line, large enough to cost nothing on a fast one.
PIECE = 256 * 1024


class RecallAnswer(msgspec.Struct):
    """The member that a command needs of a recall's answer; `data` keeps its bytes."""

    data: msgspec.Raw


class Hosted:
    """A Connection to a server. The client retries an unreachable server a few times within a second."""

    status_is_free = False

    def __init__(self, choice: Choice, progress: Progress | None) -> None:
        self._keeper = Keeper(CountingDestination(choice, TIMEOUT_S, progress), MAX_WAIT_S)

    def do(self, operation: AnyOperation) -> Any:
        """See Connection.do."""
        return self._keeper.do(operation)

    def recall_text(self, recall: Recall) -> Text:
        """See Connection.recall_text."""
        response = self._keeper.exchange(build_request(recall))
        try:
            text = memoryview(msgspec.json.decode(response.body, type=RecallAnswer).data)
        except msgspec.DecodeError:
            read_answer(recall, response)
            raise problems.explain_stranger(response.status) from None
        return Text(len(text), [text])

    def read_status(self) -> dict[str, Any]:
        """See Connection.read_status."""
        response = self._keeper.exchange(Request("GET", "/whoami", writes=False, repeatable=True))
        answer = read_document(response.body)
        if response.status >= 300:
            raise problems.read_error(response.status, answer, response.headers.get("retry-after"))
        try:
            return {
                "user_id": answer["user_id"],
                "tier": answer["tier"],
                "memories": answer["usage"]["memories"],
                "bytes": answer["usage"]["bytes"],
            }
        except (KeyError, TypeError):
            raise problems.explain_stranger(response.status) from None

    def close(self) -> None:
        """See Connection.close."""
        self._keeper.close()


class CountingDestination(Destination):
    """A Destination whose client counts first the request's bytes, then the response's, in `progress`."""

    def __init__(self, choice: Choice, timeout: float, progress: Progress | None) -> None:
        super().__init__(choice, timeout)
        self._progress = progress

    def make_client(self) -> httpx2.Client:
        """See Destination.make_client."""
        client = super().make_client()
        if self._progress is not None and self._progress.shown:
            client.event_hooks = {"request": [self._count_request], "response": [self._count_response]}
        return client

    def _count_request(self, request: httpx2.Request) -> None:
        assert self._progress is not None
        # Each try starts at 0 again.
        self._progress.done = 0
        request.stream = CountingStream(request.stream, self._progress)

    def _count_response(self, response: httpx2.Response) -> None:
        assert self._progress is not None
        size = int(response.headers.get("content-length", 0))
        if size > PIECE:
            self._progress.done, self._progress.total = 0, size
            response.stream = CountingStream(response.stream, self._progress)


class CountingStream(httpx2.SyncByteStream):
    """Another stream's bytes in pieces; a piece counts when the reader asks for the next one."""

    def __init__(self, stream: object, progress: Progress) -> None:
        assert isinstance(stream, httpx2.SyncByteStream)
        self._stream = stream
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            for start in range(0, len(piece), PIECE):
                part = piece[start : start + PIECE]
                yield part
                self._progress.done += len(part)

    def close(self) -> None:
        """Closes the stream."""
        self._stream.close()
