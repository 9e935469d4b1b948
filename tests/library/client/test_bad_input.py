"""Bad input is one sentence that says what to do, of the right class, and without the driver's noise behind it."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stash_memory import InvalidApiKey, InvalidRequest, MemoryMissing, Stash, StashError, StoreUnavailable
from tests.server_process import ServerProcess
from tests.servers.process import free_port

KEY = "sk_live_" + "x" * 32


def said_by(act: Callable[[], object], kind: type[Exception]) -> str:
    """The sentence of the error that `act` raises, and raises alone."""
    with pytest.raises(kind) as found:
        act()
    assert isinstance(found.value, kind)
    shown = "".join(traceback.format_exception(found.value))
    assert shown.count("Traceback (most recent call last)") == 1
    sentence = str(found.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("ttl", [0, -1, 86_401, 10**30])
def test_a_ttl_that_is_not_allowed_names_the_field(stash: Any, ttl: int) -> None:
    with pytest.raises(InvalidRequest) as found:
        stash.set("a", 1, ttl=ttl)
    assert found.value.field == "ttl"
    assert str(found.value).startswith("ttl")
    assert not stash.exists("a")


@pytest.mark.parametrize("ttl", ["60", 60.0, True, [60]])
def test_a_ttl_of_the_wrong_type_is_a_type_error(stash: Any, ttl: object) -> None:
    for act in (
        lambda: stash.set("a", 1, ttl=ttl),
        lambda: stash.stash(1, ttl=ttl),
        lambda: stash.extend("a", ttl),
    ):
        assert "must be whole seconds (an int) or a timedelta, not" in said_by(act, TypeError)


@pytest.mark.parametrize("key", ["", "x" * 257, "ü" * 129, "a\nb", "a//b", "../a", "/a", "a/", "\ud800", "."])
def test_a_key_that_no_memory_can_have_is_refused(stash: Any, key: str) -> None:
    for act in (
        lambda: stash.set(key, 1),
        lambda: stash.get(key),
        lambda: stash.recall(key),
        lambda: stash.update(key, 1),
        lambda: stash.forget(key, missing_ok=True),
        lambda: stash.exists(key),
        lambda: stash.get_many(["a", key]),
    ):
        assert "memory_id" in said_by(act, InvalidRequest)


def test_a_key_or_a_version_of_the_wrong_type_is_a_type_error(stash: Any) -> None:
    assert said_by(lambda: stash.get(7), TypeError) == "A key must be a str, not int."
    assert said_by(lambda: stash.set(None, 1), TypeError) == "A key must be a str, not NoneType."
    assert "if_version must be" in said_by(lambda: stash.set("a", 1, if_version=7), TypeError)
    assert "if_version" in said_by(lambda: stash.set("a", 1, if_version='"x"\r\nA: b'), InvalidRequest)
    assert "contradict" in said_by(lambda: stash.set("a", 1, if_version="a", if_absent=True), InvalidRequest)
    assert "needs data" in said_by(lambda: stash.update("a"), InvalidRequest)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with Stash(api_key=KEY, base_url=url) as stash:
        said = said_by(lambda: stash.get("a"), StoreUnavailable)
        assert said.startswith(f"{url} cannot be reached")
        with pytest.raises(StoreUnavailable) as found:
            stash.set("a", 1)
        assert found.value.applied is False


def test_a_redis_that_is_not_there() -> None:
    with Stash(redis_url=f"redis://:open-sesame@127.0.0.1:{free_port()}") as stash:
        said = said_by(lambda: stash.get("a"), StoreUnavailable)
        assert "cannot be reached" in said
        assert "sesame" not in said


def test_a_wrong_key_is_refused_and_never_repeated(server: ServerProcess) -> None:
    with Stash(api_key=KEY, base_url=server.url) as stash:
        said = said_by(lambda: stash.get("a"), InvalidApiKey)
        assert KEY not in said


def test_a_server_of_another_kind_says_so(server: ServerProcess) -> None:
    with Stash(api_key=server.key, base_url=f"{server.url}/elsewhere") as stash:
        with pytest.raises(StashError) as found:
            stash.recall("a")
        assert (found.value.status, found.value.code) == (404, "path_not_found")
        assert not isinstance(found.value, MemoryMissing)
        # A get of nothing is the default; a wrong URL is not nothing.
        with pytest.raises(StashError):
            stash.get("a")


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"not a database, but somebody's notes" * 100)
    before = path.read_bytes()
    with Stash(path=path) as stash:
        said = said_by(lambda: stash.get("a"), StoreUnavailable)
        assert str(path) in said
        assert "damaged, or not a SQLite file" in said
        said_by(lambda: stash.set("a", 1), StoreUnavailable)
    assert path.read_bytes() == before


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "file").write_text("")
    # Where root may write everything, a file in the folder's place will do.
    folder.chmod(0o500)
    path = folder / "memories.db" if os.geteuid() else folder / "file" / "memories.db"
    with Stash(path=path) as stash:
        said = said_by(lambda: stash.set("a", 1), StoreUnavailable)
        assert str(path) in said


def test_a_closed_stash_says_that_it_is_closed(stash: Any, way: Any) -> None:
    stash.set("a", 1)
    stash.__exit__(None, None, None)
    for act in (lambda: stash.get("a"), lambda: stash.set("a", 1), lambda: list(stash.list())):
        assert "close" in said_by(act, StoreUnavailable)
