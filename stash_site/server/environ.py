"""The WSGI environ of a plain request (PEP 3333), as gunicorn would make it."""

import os
from functools import lru_cache
from typing import Any

from gunicorn.http.wsgi import base_environ
from gunicorn.util import unquote_to_wsgi_str

from stash_site.server.plain import PlainRequest


def connection_environ(cfg: Any, sock: Any, client: Any, server: Any) -> dict[str, Any] | None:
    """What all requests of a connection have in common; None where gunicorn has to look at each (Unix sockets, and
    a mount point in SCRIPT_NAME)."""
    if not isinstance(server, tuple) or not isinstance(client, tuple) or os.environ.get("SCRIPT_NAME"):  # noqa: TID251
        return None
    return {
        **base_environ(cfg),
        "wsgi.multithread": True,
        "gunicorn.socket": sock,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "SCRIPT_NAME": "",
    }


def request_environ(common: dict[str, Any], request: PlainRequest) -> dict[str, Any]:
    """`common`, and what this request says. Fields that come several times are joined with commas."""
    path = request.path
    environ = {
        **common,
        "wsgi.input": request.body,
        "wsgi.url_scheme": request.scheme,
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "RAW_URI": request.uri,
        "PATH_INFO": unquote_to_wsgi_str(path) if "%" in path else path,
    }
    for name, value in request.headers:
        key = variable(name)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@lru_cache(512)
def variable(name: str) -> str:
    """The environ's name for a field."""
    key = name.replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
