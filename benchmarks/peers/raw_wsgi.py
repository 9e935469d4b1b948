"""Stash's own job with nothing between it and the server: no Django, no DRF, no layers, one function a verb.

The same work for each request: the key's digest looked up in a cache of one second, the token, the caps and the
record in one call of Stash's own script, JSON checked and kept byte for byte, the same headers, a log line.
What it leaves out is what makes Stash a service: errors told apart, conditions, prefixes, large values.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import hiredis
import msgspec

from benchmarks.peers.keys import account_key
from stash_memory.backends.redis.bodies import LUA_BYTES
from stash_memory.backends.redis.encoding import NAME_BYTES
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.script import SPARING, WRITING
from stash_memory.bucket import Spend, take

INTERVAL_US, BURST = 1, 1_000_000
CAPS = (10**9, 10**15)
MAX_PAYLOAD_BYTES = 1_048_576
ENVELOPE_BYTES = 4_096

encode = msgspec.json.Encoder().encode
accounts: dict[str, tuple[float, str]] = {}
here = threading.local()


class StashFields(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a stash."""

    data: msgspec.Raw
    ttl: int = 3600


decode = msgspec.json.Decoder(StashFields).decode


class Refused(Exception):
    """A status line, and why."""


class Redis:
    """One thread's connection: hiredis and a socket."""

    def __init__(self) -> None:
        address = urlsplit(os.environ["REDIS_URL"])
        self.socket = socket.create_connection((address.hostname, address.port or 6379), timeout=5)
        self.reader = hiredis.Reader()
        for script in (SPARING, WRITING):
            self.ask(b"SCRIPT", b"LOAD", script.source)

    def ask(self, *command: bytes | int) -> Any:
        """One command's answer."""
        self.socket.sendall(hiredis.pack_command(command))  # type: ignore[arg-type]
        while (answer := self.reader.gets()) is False:
            self.reader.feed(self.socket.recv(1 << 16))
        if isinstance(answer, Exception):
            raise answer
        return answer


def connection() -> Redis:
    """This thread's."""
    found: Redis | None = getattr(here, "redis", None)
    if found is None:
        found = here.redis = Redis()
    return found


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`POST /stash` and `GET /recall/ID`."""
    started = time.perf_counter()
    request_id = environ.get("HTTP_X_REQUEST_ID") or secrets.token_hex(8)
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    try:
        user = user_behind(environ.get("HTTP_X_API_KEY", ""))
        if method == "GET" and path.startswith("/recall/"):
            status, body, version, bucket = recall(user, path[8:], started, request_id)
        elif method == "POST" and path == "/stash":
            status, body, version, bucket = stash(user, environ, started, request_id)
        else:
            raise Refused("404 Not Found")
    except Refused as refusal:
        start_response(str(refusal), [("Content-Length", "0")])
        return [b""]
    headers = [
        ("Content-Type", "application/json"),
        ("Cache-Control", "private, no-cache"),
        ("Vary", "X-API-KEY, Authorization"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Length", str(len(body))),
        ("ETag", f'"{version}"'),
        ("X-Request-ID", request_id),
        ("RateLimit-Policy", f'"requests";q={BURST};w=1'),
        ("RateLimit", f'"requests";r={bucket.remaining};t={-(-bucket.full_after_ms // 1000)}'),
    ]
    start_response(status, headers)
    return [body]


def user_behind(secret: str) -> str:
    """The user of an API key, as it was at most a second ago."""
    key, now = account_key(secret), time.monotonic()
    hit = accounts.get(key)
    if hit is None or now - hit[0] >= 1:
        user = connection().ask(b"GET", key.encode())
        if user is None:
            raise Refused("401 Unauthorized")
        hit = accounts[key] = (now, user.decode())
    return hit[1]


def recall(user: str, memory_id: str, started: float, request_id: str) -> tuple[str, bytes, str, Any]:
    """The memory."""
    found, now_ms, bucket = run(SPARING, user, memory_id, b"recall", b"", LUA_BYTES)
    if found[0]:
        raise Refused("404 Not Found")
    _, expires_at_ms, head, *beside = found
    data = memoryview(head)[NAME_BYTES:]
    if beside:
        data = connection().ask(b"GETRANGE", keys_of(user).head(memory_id), NAME_BYTES, -1)
    left = -(-(expires_at_ms - now_ms) // 1000)
    document = encode({"memory_id": memory_id, "ttl_remaining": left})
    body = b"".join([document[:-1], b',"data":', data, b"}"])
    write_line("stash_recalled", user, memory_id, left, len(data), 200, started, request_id)
    return "200 OK", body, head[:16].decode(), bucket


def stash(user: str, environ: dict[str, Any], started: float, request_id: str) -> tuple[str, bytes, str, Any]:
    """Keeps the data under a new id."""
    declared = int(environ.get("CONTENT_LENGTH") or 0)
    if declared > MAX_PAYLOAD_BYTES + ENVELOPE_BYTES:
        raise Refused("413 Content Too Large")
    fields = decode(environ["wsgi.input"].read(declared))
    data = memoryview(fields.data)
    if len(data) > MAX_PAYLOAD_BYTES:
        raise Refused("413 Content Too Large")
    str(data, "utf-8")
    version, memory_id = secrets.token_hex(8), secrets.token_urlsafe(6)
    head = b"".join([version.encode(), b"i", data])
    arguments = (b"put", head, len(data), fields.ttl * 1000, b"!", b"", *CAPS)
    [code, expires_at_ms, _], now_ms, bucket = run(WRITING, user, memory_id, *arguments)
    if code:
        raise Refused("503 Service Unavailable")
    left = -(-(expires_at_ms - now_ms) // 1000)
    at = datetime.fromtimestamp(expires_at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = encode({"memory_id": memory_id, "ttl": left, "expires_at": at})
    write_line("stash_created", user, memory_id, left, len(data), 201, started, request_id)
    return "201 Created", body, version, bucket


def run(script: Any, user: str, memory_id: str, *operation: bytes | int) -> tuple[list[Any], int, Any]:
    """One operation with its token, in one round trip: what the script says, its time, the bucket."""
    keys = keys_of(user)
    arguments = (INTERVAL_US, BURST, 1, b"", *operation)
    command = script.command([*keys.books, keys.head(memory_id)], arguments)
    now_us, granted, before_us, found = connection().ask(*command)
    if granted < 1:
        raise Refused("429 Too Many Requests")
    _, bucket = take(before_us, now_us, Spend(1_000_000, BURST))
    return found, now_us // 1000, bucket


def write_line(
    event: str, user: str, memory_id: str, ttl: int, size: int, status: int, started: float, request_id: str
) -> None:
    """One line of the log."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {
        "timestamp": at.replace("+00:00", "Z"),
        "level": "INFO",
        "event": event,
        "user_id": user,
        "memory_id": memory_id,
        "ttl_seconds": ttl,
        "payload_bytes": size,
        "status": status,
        "duration_ms": round((time.perf_counter() - started) * 1000, 2),
        "request_id": request_id,
    }
    os.write(1, encode(line) + b"\n")
