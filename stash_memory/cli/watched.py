"""The bytes of a request and of its answer, counted as they go, so that a large value shows its progress."""

from collections.abc import Iterator

import httpx2

from stash_memory.cli.progress import Progress
from stash_memory.client.choice import Choice
from stash_memory.client.transport import Destination

# Small enough to see it move on a slow line, large enough to cost nothing on a fast one.
PIECE = 256 * 1024


class Watched(Destination):
    """A destination whose client counts the request's bytes, and then the answer's, in `progress`."""

    def __init__(self, choice: Choice, timeout: float, progress: Progress | None) -> None:
        super().__init__(choice, timeout)
        self._progress = progress

    def client(self) -> httpx2.Client:
        """See Destination.client."""
        client = super().client()
        if self._progress is not None and self._progress.shown:
            client.event_hooks = {"request": [self._sending], "response": [self._receiving]}
        return client

    def _sending(self, request: httpx2.Request) -> None:
        assert self._progress is not None
        # Each try counts anew.
        self._progress.done = 0
        request.stream = CountedStream(request.stream, self._progress)

    def _receiving(self, response: httpx2.Response) -> None:
        assert self._progress is not None
        size = int(response.headers.get("content-length", 0))
        if size > PIECE:
            self._progress.done, self._progress.total = 0, size
            response.stream = CountedStream(response.stream, self._progress)


class CountedStream(httpx2.SyncByteStream):
    """The stream's bytes in pieces, each counted once the next one is asked for."""

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
