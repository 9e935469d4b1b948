"""Reads a request's body: bounded, counted, and chunked where it comes so.

Read here and not by DRF's request, which takes a chunked body for an empty one, and under WSGI takes a
body that ends too soon for a whole one.
"""

from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any, cast

from django.http import HttpRequest

from memories.trace import Trace
from stash_memory.errors import ContentLengthMismatch, InvalidRequest, PayloadTooLarge, RequestTimeout
from stash_memory.records import Buffer

# Room for `{"data": , "ttl": 604800}` and some white space around the data itself.
ENVELOPE_BYTES = 4096
PIECE_BYTES = 64 * 1024
# Over this a body is read piece by piece, and counts against what this process may hold.
LARGE_BYTES = 1024 * 1024 + ENVELOPE_BYTES


def declared_length(request: HttpRequest) -> int | None:
    """Content-Length, or None for a chunked body. A request with neither has an empty body."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return None
    return int(request.META.get("CONTENT_LENGTH") or 0)


def check_declared(request: HttpRequest, limit: int, what: str) -> None:
    """Raises PayloadTooLarge if the body declares more bytes than `what` in its envelope can have."""
    declared = declared_length(request)
    if declared is not None and declared > limit + ENVELOPE_BYTES:
        raise too_large(limit, what)


def read_body(request: HttpRequest, limit: int, what: str = "data") -> Buffer:
    """The whole body, in which `what` may be `limit` bytes.

    A large one counts as in flight until the request is answered, and waits for its turn to be computed on.
    Raises PayloadTooLarge, ContentLengthMismatch, RequestTimeout, InvalidRequest for broken chunks, and
    StoreUnavailable where this process holds too many large bodies already.
    """
    body = receive(request, limit, what)
    if request.trace.held:
        request.trace.compute(request.META.get("stash.large_bodies"))
    return body


def receive(request: HttpRequest, limit: int, what: str) -> Buffer:
    """The whole body, as soon as it has come. Raises what `read_body` does."""
    check_declared(request, limit, what)
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise InvalidRequest("Content-Encoding is not supported; send the JSON as it is.")
    declared = declared_length(request)
    source = request.META["wsgi.input"]
    try:
        if declared is None:
            return read_chunked(source, limit, what, request.trace)
        body: Buffer
        if declared <= LARGE_BYTES:
            body = read_small(source, declared)
        else:
            # Counted whole before a byte of it is read: the bytes will come, or the request will fail.
            request.trace.hold(declared)
            body = read_large(source, declared)
    except TimeoutError:
        raise RequestTimeout from None
    except ConnectionError:
        raise ContentLengthMismatch(
            "The client left before its body was whole; nothing was stored."
        ) from None
    if len(body) < declared:
        raise ContentLengthMismatch(
            f"Content-Length declared {declared:,} bytes and {len(body):,} came; nothing was stored."
        )
    return body


def read_fields(request: HttpRequest) -> Buffer:
    """The whole body of a request that carries no data, and so needs no more than an envelope has."""
    try:
        return read_body(request, 0)
    except PayloadTooLarge:
        raise PayloadTooLarge(
            f"The body is too large; it may be {ENVELOPE_BYTES:,} bytes.", limit_bytes=ENVELOPE_BYTES
        ) from None


def read_small(source: Any, declared: int) -> Buffer:
    """At most `declared` bytes; from a server that can, straight into their place."""
    if not declared or not hasattr(source, "readinto"):
        return cast(bytes, source.read(declared))
    body = memoryview(bytearray(declared))
    return body[: source.readinto(body)]


def read_large(source: Any, declared: int) -> Buffer:
    """At most `declared` bytes, in memory of their own: it fills as they come, and goes back whole."""
    memory = mmap(-1, declared, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    while memory.tell() < declared and (piece := source.read(min(LARGE_BYTES, declared - memory.tell()))):
        memory.write(piece)
    return memoryview(memory)[: memory.tell()]


def read_chunked(source: Any, limit: int, what: str, operation: Trace) -> Buffer:
    """A chunked body, up to the limit. Raises PayloadTooLarge, InvalidRequest, StoreUnavailable, TimeoutError."""
    body = bytearray()
    while piece := read_piece(source):
        body += piece
        if len(body) > limit + ENVELOPE_BYTES:
            raise too_large(limit, what)
        if len(body) > operation.held + LARGE_BYTES:
            operation.hold(LARGE_BYTES)
    return body


def read_piece(source: Any) -> bytes:
    """The next bytes of a chunked body; none at its end."""
    try:
        piece: bytes = source.read(PIECE_BYTES)
    except TimeoutError:
        raise
    except Exception as error:
        # The HTTP server's parser has a family of its own for broken chunks; this app knows no server.
        raise InvalidRequest(
            "The chunked body is malformed or ended too soon; nothing was stored."
        ) from error
    return piece


def too_large(limit: int, what: str) -> PayloadTooLarge:
    """The error for a body that cannot hold what is allowed."""
    return PayloadTooLarge(
        f"The body is too large; {what} may be {limit:,} bytes of JSON text.", limit_bytes=limit
    )
