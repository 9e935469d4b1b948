"""The answer to a batch: each result is what the operation's own request would have answered."""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from memories.problems import document_of, event_of, retry_after, without_paths
from memories.responses import HEADERS, JOIN_BYTES, encode, head_of
from memories.trace import Trace
from stash_memory.errors import PayloadTooLarge, StashError
from stash_memory.operations import Single
from stash_memory.records import StoredMemory


class BatchAnswer:
    """Results in order: `status`, `body`, and the `etag` or `retry_after` that a header would have said.

    Recalled data goes out as it was stored, as long as it fits in `budget` bytes.
    """

    def __init__(self, budget: int, trace: Trace) -> None:
        self.limit = self.budget = budget
        self.trace = trace
        self.failed = 0
        self.length = 0
        self.parts: list[bytes | StoredMemory] = []

    def add(
        self,
        kind: type[Single] | None,
        operation: Single | StashError,
        result: StoredMemory | StashError | None,
    ) -> None:
        """Adds the next operation's result; None of a forget that is done. `kind`: its class, if that is known."""
        if isinstance(result, StashError):
            self.add_error(kind, result)
            return
        assert not isinstance(operation, StashError)
        if result is None:
            self.trace.effects.add(operation.verb.event, operation.verb.method, 204, None)
            self.write(encode({"status": 204, "body": None}))
        else:
            self.add_memory(operation, result)

    def add_error(self, kind: type[Single] | None, error: StashError) -> None:
        """Adds the next operation's error."""
        self.failed += 1
        method = None if kind is None else kind.verb.method
        self.trace.effects.add(event_of(error), method, error.status, None)
        result = {"status": error.status}
        seconds = retry_after(error)
        if seconds is not None:
            result["retry_after"] = seconds
        self.write(encode({**result, "body": document_of(without_paths(error, self.trace))}))

    def add_memory(self, operation: Single, memory: StoredMemory) -> None:
        """Adds the memory that the next operation wrote or found."""
        verb, status = operation.verb, operation.status(memory)
        with_data = verb.data and status == 200
        if with_data and memory.size > self.budget:
            self.add_error(type(operation), too_much(memory, self.limit))
            return
        self.trace.effects.add(verb.event, verb.method, status, operation.payload(memory))
        body = None if status == 304 else head_of(verb, memory)
        head = encode({"status": status, "etag": f'"{memory.version}"', "body": body})
        if with_data:
            self.budget -= memory.size
            self.write(head[:-2] + b',"data":', memory, b"}}")
        else:
            self.write(head)

    def write(self, *parts: bytes | StoredMemory) -> None:
        """One more result."""
        separator = b"," if self.parts else b'{"results":['
        self.parts += (separator, *parts)
        self.length += len(separator) + sum(size_of(part) for part in parts)

    def response(self) -> HttpResponseBase:
        """200 with all results."""
        end = b"]}"
        headers = {**HEADERS, "Content-Length": str(self.length + len(end))}
        stream = self.stream(end)
        if self.length > JOIN_BYTES:
            return StreamingHttpResponse(stream, content_type="application/json", headers=headers)
        return HttpResponse(b"".join(stream), content_type="application/json", headers=headers)

    def stream(self, end: bytes) -> Iterator[bytes]:
        """The answer in pieces, large data as the store reads it."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from map(bytes, part.data)
        yield end


def size_of(part: bytes | StoredMemory) -> int:
    """Bytes on the wire."""
    return len(part) if isinstance(part, bytes) else part.size


def too_much(memory: StoredMemory, limit: int) -> PayloadTooLarge:
    """The error for a recall that does not fit in the answer any more."""
    return PayloadTooLarge(
        f"This memory's {memory.size:,} bytes do not fit in the answer to this batch, which may hold {limit:,}"
        " bytes of data; recall it by itself.",
        limit_bytes=limit,
    )
