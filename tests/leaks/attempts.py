"""What a client may do wrong with a key: it is put everywhere."""

import json
from collections.abc import Iterator

from tests.raw_http import head

QUERY = "from-the-query"


def attempts(key: str) -> Iterator[bytes]:
    """Requests with a key where none belongs."""
    body = json.dumps({"data": 1}).encode()
    operations = [
        {"verb": "put", "memory_id": key, "data": 1},
        {"verb": "recall", "memory_id": key},
        {"verb": "forget", "memory_id": key, "if_match": key},
        {"verb": key, "memory_id": "x"},
        {"verb": "recall", key: "x"},
    ]
    batch = json.dumps({"operations": operations}).encode()
    for shown in (None, key):
        for path in (key, f"a/{key}/b", key.replace("_", "%5F"), key.upper(), key * 4):
            yield head("PUT", f"/stash/{path}", shown, Content_Length=len(body)) + body
            yield head("GET", f"/recall/{path}", shown)
            yield head("PATCH", f"/update/{path}", shown, Content_Length=len(body)) + body
            yield head("DELETE", f"/forget/{path}", shown)
        yield head("POST", "/batch", shown, Content_Length=len(batch)) + batch
        wrong = json.dumps({"data": 1, key: 1}).encode()
        yield head("POST", "/stash", shown, Content_Length=len(wrong)) + wrong
        for path in (
            "/stash",
            "/recall/x",
            "/health/live",
            "/nowhere",
            "/admin/",
            "/admin/login/",
            "/static/x",
        ):
            for query in (f"?api_key={key}&q={QUERY}", f"?{key}={QUERY}", f"?prefix={key}&limit=1"):
                yield head("GET", path + query, shown)
        yield head("DELETE", f"/stash?prefix={key}", shown)
        for path in (f"/{key}", f"/keys/{key}", f"/admin/{key}/", f"/admin/login/{key}", f"/static/{key}"):
            yield head("GET", path, shown)
            yield head("POST", path, shown, Content_Length=len(body)) + body
        for host in (key, f"<{key}>", f"{key}:99999"):
            for path in ("/recall/x", "/admin/login/"):
                yield head("GET", path, shown).replace(b"Host: localhost", f"Host: {host}".encode())
        for name in (
            "User_Agent",
            "Referer",
            "X_Request_ID",
            "Cookie",
            "Authorization",
            "If_Match",
            "X_Forwarded_For",
        ):
            yield head("GET", "/recall/x", shown, **{name: key})
        yield head(key, "/recall/x", shown)
        yield head("GET", "/recall/x", shown)[:-4] + f"\r\n{key}\r\n\r\n".encode()
