"""Reads a request's body: bounded, counted, and chunked where it comes so.

Read here and not by DRF's request, which takes a chunked body for an empty one, and under WSGI takes a
body that ends too soon for a whole one.
"""

from collections.abc import Iterator

from django.http import HttpRequest

from stash_memory.errors import ContentLengthMismatch, InvalidRequest, PayloadTooLarge, RequestTimeout

# Room for `{"data": , "ttl": 604800}` and some white space around the data itself.
ENVELOPE_BYTES = 4096
PIECE_BYTES = 64 * 1024


def declared_length(request: HttpRequest) -> int | None:
    """Content-Length, or None for a chunked body. A request with neither has an empty body."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return None
    return int(request.META.get("CONTENT_LENGTH") or 0)


def check_declared(request: HttpRequest, payload_limit: int) -> None:
    """Raises PayloadTooLarge if the body declares more bytes than a payload in its envelope can have."""
    declared = declared_length(request)
    if declared is not None and declared > payload_limit + ENVELOPE_BYTES:
        raise too_large(payload_limit)


def read_body(request: HttpRequest, payload_limit: int) -> bytes:
    """The whole body.

    Raises PayloadTooLarge, ContentLengthMismatch, RequestTimeout, and InvalidRequest for broken chunks.
    """
    check_declared(request, payload_limit)
    declared = declared_length(request)
    source = request.META["wsgi.input"]
    try:
        if declared is None:
            return b"".join(bounded(source, payload_limit))
        body: bytes = source.read(declared)
    except TimeoutError:
        raise RequestTimeout from None
    if len(body) < declared:
        raise ContentLengthMismatch(
            f"Content-Length declared {declared:,} bytes and {len(body):,} came; nothing was stored."
        )
    return body


def bounded(source: object, payload_limit: int) -> Iterator[bytes]:
    """The pieces of a chunked body, up to the limit. Raises PayloadTooLarge, InvalidRequest."""
    left = payload_limit + ENVELOPE_BYTES
    while piece := read_piece(source):
        left -= len(piece)
        if left < 0:
            raise too_large(payload_limit)
        yield piece


def read_piece(source: object) -> bytes:
    """The next bytes of a chunked body; none at its end."""
    try:
        return source.read(PIECE_BYTES)
    except TimeoutError:
        raise
    except Exception as error:
        # The HTTP server's parser has a family of its own for broken chunks; this app knows no server.
        raise InvalidRequest(
            "The chunked body is malformed or ended too soon; nothing was stored."
        ) from error


def too_large(payload_limit: int) -> PayloadTooLarge:
    """The error for a body that cannot hold an allowed payload."""
    return PayloadTooLarge(
        f"The body is too large; data may be {payload_limit:,} bytes of JSON text.", limit_bytes=payload_limit
    )
