"""A plain WSGI application with one path for each way an application can behave."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Start = Callable[..., Any]
Environ = dict[str, Any]
LOCK = threading.Lock()
RUNNING = {"now": 0, "peak": 0}


def application(environ: Environ, start: Start) -> Iterable[bytes]:
    """Answers as the first segment of the path says; the query string is its one argument."""
    return PATHS[environ["PATH_INFO"].split("/")[1]](environ, start)


def respond(start: Start, body: bytes, status: str = "200 OK", **headers: str) -> list[bytes]:
    start(status, [("Content-Length", str(len(body))), *headers.items()])
    return [body]


def hello(environ: Environ, start: Start) -> Iterable[bytes]:
    return respond(start, b"hello")


def empty(environ: Environ, start: Start) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def echo(environ: Environ, start: Start) -> Iterable[bytes]:
    """What came of the body: its length, and the error that ended it; 408 for a slow one."""
    source, pieces, error = environ["wsgi.input"], [], None
    try:
        while piece := source.read(64 * 1024):
            pieces.append(piece)
    except Exception as exception:
        error = exception
    came = {"length": sum(map(len, pieces)), "error": error and type(error).__name__}
    status = "408 Request Timeout" if isinstance(error, TimeoutError) else "200 OK"
    return respond(start, json.dumps(came).encode(), status)


def careless(environ: Environ, start: Start) -> Iterable[bytes]:
    """Reads the body and handles no error."""
    return respond(start, environ["wsgi.input"].read())


def refuse(environ: Environ, start: Start) -> Iterable[bytes]:
    return respond(start, b"no", "413 Content Too Large")


def bye(environ: Environ, start: Start) -> Iterable[bytes]:
    return respond(start, b"bye", Connection="close")


def big(environ: Environ, start: Start) -> Iterable[bytes]:
    return respond(start, b"x" * int(environ["QUERY_STRING"]))


def stream(environ: Environ, start: Start) -> Iterable[bytes]:
    start("200 OK", [])
    return (b"%d\n" % number for number in range(int(environ["QUERY_STRING"])))


def file(environ: Environ, start: Start) -> Iterable[bytes]:
    source = open(__file__, "rb")  # noqa: SIM115 - the server closes it
    start("200 OK", [("Content-Length", str(os.path.getsize(__file__)))])
    return environ["wsgi.file_wrapper"](source)  # type: ignore[no-any-return]


def fail(environ: Environ, start: Start) -> Iterable[bytes]:
    raise ValueError("the application is broken")


def oserror(environ: Environ, start: Start) -> Iterable[bytes]:
    raise TimeoutError("the store, not the client")


def leave(environ: Environ, start: Start) -> Iterable[bytes]:
    raise SystemExit(3)


def half(environ: Environ, start: Start) -> Iterator[bytes]:
    """Fails in the middle of its answer."""
    start("200 OK", [("Content-Length", "10")])
    yield b"hello"
    raise ValueError("the application broke off")


def sleep(environ: Environ, start: Start) -> Iterable[bytes]:
    """Computes, as far as the server can tell."""
    with LOCK:
        RUNNING["now"] += 1
        RUNNING["peak"] = max(RUNNING.values())
    time.sleep(float(environ["QUERY_STRING"]))
    with LOCK:
        RUNNING["now"] -= 1
    return hello(environ, start)


def census(environ: Environ, start: Start) -> Iterable[bytes]:
    """How many threads, open descriptors, and requests at once at the most."""
    counts = {
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/dev/fd")),
        "peak": RUNNING["peak"],
        "process": os.getpid(),
    }
    return respond(start, json.dumps(counts).encode())


NAMED = (
    hello,
    empty,
    echo,
    careless,
    refuse,
    bye,
    big,
    stream,
    file,
    fail,
    oserror,
    leave,
    half,
    sleep,
    census,
)
PATHS = {path.__name__: path for path in NAMED}
