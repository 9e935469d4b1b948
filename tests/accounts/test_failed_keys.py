"""Bad keys are counted by address; good ones never pay for them."""

from tests.server_process import ServerProcess


def test_the_twenty_first_bad_key_of_a_minute_is_told_to_wait(own_server) -> None:
    server: ServerProcess = own_server()
    with server.client("sk_live_bad") as bad, server.client() as good:
        statuses = [bad.get("/recall/x").status_code for _ in range(25)]
        refused = bad.get("/recall/x")

        # The window is a calendar minute, which may have turned over meanwhile.
        assert 429 in statuses
        assert statuses[:20] == [401] * 20 or statuses.count(401) > 20
        assert refused.json()["code"] in ("rate_limited", "invalid_api_key")
        if refused.status_code == 429:
            assert 1 <= int(refused.headers["Retry-After"]) <= 61
        assert good.get("/recall/x").status_code == 404
