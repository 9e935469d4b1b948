"""The headers of every answer."""

import httpx2

PROTECTION = {
    "cache-control": "private, no-cache",
    "vary": "X-API-KEY, Authorization",
    "x-content-type-options": "nosniff",
}


def test_every_answer_is_kept_from_shared_caches(alice: httpx2.Client) -> None:
    memory_id = alice.post("/stash", json={"data": 1}).json()["memory_id"]
    answers = [
        alice.post("/stash", json={"data": 1}),
        alice.post("/stash", content=b"bad"),
        alice.get(f"/recall/{memory_id}"),
        alice.get("/recall/missing"),
        alice.patch(f"/update/{memory_id}", json={"data": 2}),
        alice.delete(f"/forget/{memory_id}"),
        alice.get("/nowhere"),
        alice.get("/health/live"),
        alice.get("/recall/x", headers={"X-API-KEY": "bad"}),
    ]

    for answer in answers:
        assert {name: answer.headers[name] for name in PROTECTION} == PROTECTION


def test_a_bearer_token_is_a_key_too(server, alice_key: str) -> None:
    with httpx2.Client(base_url=server.url) as client:
        answer = client.get("/recall/x", headers={"Authorization": f"Bearer {alice_key}"})

    assert answer.status_code == 404


def test_a_missing_key_is_told_how_to_come_in(server) -> None:
    with httpx2.Client(base_url=server.url) as client:
        refused = client.get("/recall/x")

    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="stash"'
    assert refused.json() == {
        "type": "urn:stash:error:invalid_api_key",
        "title": "Invalid API key",
        "status": 401,
        "detail": "Send a valid API key in X-API-KEY, or as Authorization: Bearer.",
        "code": "invalid_api_key",
    }


def test_a_request_id_is_given_back(alice: httpx2.Client) -> None:
    answer = alice.get("/recall/x", headers={"X-Request-ID": "trace-42"})

    assert answer.headers["X-Request-ID"] == "trace-42"


def test_a_request_id_that_could_forge_a_log_line_is_replaced(alice: httpx2.Client) -> None:
    answer = alice.get("/recall/x", headers={"X-Request-ID": 'x"} {"event": "forged'})

    assert len(answer.headers["X-Request-ID"]) == 16


def test_health_needs_no_key(server) -> None:
    with httpx2.Client(base_url=server.url) as client:
        assert client.get("/health/live").json() == {"status": "ok"}
        assert client.get("/health/ready").json() == {"status": "ok", "database": "ok", "store": "ok"}
        assert client.post("/health/live").status_code == 405
