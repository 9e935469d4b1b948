"""The command line and `stash serve` on one home: what one sets, the other gets."""

from pathlib import Path

from tests.cli.command import Command
from tests.server_process import ServerProcess


def test_the_server_recalls_what_the_command_line_set(
    server: ServerProcess, tmp_path: Path, folder: str
) -> None:
    stash = Command(tmp_path, STASH_HOME=str(server.home))

    stash("set", f"{folder}a", '{"from": "the shell"}')

    with server.client() as client:
        assert client.get(f"/recall/{folder}a").json()["data"] == {"from": "the shell"}
        client.put(f"/stash/{folder}b", content='{"data": {"from":  "curl"}}')
    assert stash("get", f"{folder}b").out == '{"from":  "curl"}\n'
    assert stash("forget", "--prefix", folder).document == {"forgotten": 2}


def test_the_key_that_serve_made_goes_to_this_machine_by_itself(
    server: ServerProcess, tmp_path: Path, folder: str
) -> None:
    stash = Command(tmp_path, STASH_HOME=str(server.home))
    url = f"http://localhost:{server.port}"

    assert stash("set", f"{folder}a", "1", "--url", url).code == 0
    assert stash("get", f"{folder}a", "--url", f"{url}/").out == "1\n"
    assert stash("forget", f"{folder}a", "--url", url).code == 0


def test_the_key_that_serve_made_goes_nowhere_else(server: ServerProcess, tmp_path: Path) -> None:
    stash = Command(tmp_path, STASH_HOME=str(server.home))

    for url in ("https://stash.example", "http://127.0.0.1.stash.example", "http://127.0.0.1@stash.example"):
        done = stash("status", "--url", url)
        assert done.code == 2
        assert "needs an API key" in done.err


def test_a_dotenv_file_says_where_the_memories_are(
    server: ServerProcess, tmp_path: Path, folder: str
) -> None:
    (tmp_path / ".env").write_text(f"STASH_API_KEY={server.key}\nSTASH_URL={server.url}\n")
    stash = Command(tmp_path)

    assert stash("set", f"{folder}a", "1").code == 0

    with server.client() as client:
        assert client.delete(f"/forget/{folder}a").status_code == 204
