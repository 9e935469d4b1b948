"""A command's memories at a server, over the library's own client."""

from typing import Any

import msgspec

from stash_memory.cli.connection import Text
from stash_memory.cli.progress import Progress
from stash_memory.cli.watched import Watched
from stash_memory.client import problems
from stash_memory.client.choice import Choice
from stash_memory.client.hosted import Hosted as Keeper
from stash_memory.client.wire import Request, Response, answer_of, document, request_of
from stash_memory.operations import AnyOperation, Recall

TIMEOUT_S = 30
MAX_WAIT_S = 30


class Recalled(msgspec.Struct):
    """Of the answer to a recall, what a command needs; `data` as it came."""

    data: msgspec.Raw


class Hosted:
    """See `connection.Connection`. A server that cannot be reached is tried a few times, within a second."""

    tells_for_free = False

    def __init__(self, choice: Choice, progress: Progress | None) -> None:
        self._keeper = Keeper(Watched(choice, TIMEOUT_S, progress), MAX_WAIT_S)

    def do(self, operation: AnyOperation) -> Any:
        """See Connection.do."""
        return self._keeper.do(operation)

    def text(self, recall: Recall) -> Text:
        """See Connection.text."""
        response = self._keeper.exchange(request_of(recall))
        try:
            text = memoryview(msgspec.json.decode(response.body, type=Recalled).data)
        except msgspec.DecodeError:
            answer_of(recall, response)
            raise problems.not_stash(response.status) from None
        return Text(len(text), [text])

    def status(self) -> dict[str, Any]:
        """See Connection.status."""
        response = self._keeper.exchange(Request("GET", "/whoami", writes=False, repeatable=True))
        answer = self._document(response)
        try:
            return {
                "user_id": answer["user_id"],
                "tier": answer["tier"],
                "memories": answer["usage"]["memories"],
                "bytes": answer["usage"]["bytes"],
            }
        except (KeyError, TypeError):
            raise problems.not_stash(response.status) from None

    def close(self) -> None:
        """See Connection.close."""
        self._keeper.close()

    def _document(self, response: Response) -> Any:
        answer = document(response.body)
        if response.status >= 300:
            raise problems.error_of(response.status, answer, response.headers.get("retry-after"))
        return answer
