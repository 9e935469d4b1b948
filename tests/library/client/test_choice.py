"""Which backend is used, and what chose it: arguments, STASH_API_KEY, STASH_BACKEND, SQLite."""

from pathlib import Path

import pytest

from stash_memory import BadSetting, Stash
from stash_memory.client.choice import choose

LIVE = "sk_live_" + "x" * 32
LOCAL = "sk_local_" + "x" * 32


def test_without_anything_it_is_sqlite_under_the_home(tmp_path: Path) -> None:
    choice = choose()
    assert choice.backend == "sqlite"
    assert choice.chosen_by == "default"
    assert choice.address == str(tmp_path / "home" / "memories.db")


def test_an_argument_wins_over_the_key_and_the_key_over_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STASH_BACKEND", "memory")
    assert choose().chosen_by == "STASH_BACKEND"
    assert choose().backend == "memory"
    monkeypatch.setenv("STASH_API_KEY", LIVE)
    assert choose().chosen_by == "STASH_API_KEY"
    assert choose().address == "https://api.stash.memory"
    assert choose("sqlite").chosen_by == "backend="
    assert choose(path="here.db").address == str(Path("here.db").absolute())
    assert choose(redis_url="redis://elsewhere:1").backend == "redis"


def test_a_redis_url_or_a_stash_url_in_the_environment_chooses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/1")
    monkeypatch.setenv("STASH_URL", "https://stash.example")
    assert choose().backend == "sqlite"
    assert choose("redis").address == "redis://elsewhere:6379/1"
    assert choose(api_key=LIVE).address == "https://stash.example"
    assert choose(api_key=LIVE, base_url="http://127.0.0.1:9/x/").address == "http://127.0.0.1:9/x"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STASH_API_KEY", "STASH_BACKEND", "STASH_URL"):
        monkeypatch.setenv(name, "")
    assert choose().backend == "sqlite"


def test_a_local_key_goes_to_this_machine_and_never_to_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose(api_key=LOCAL).address == "http://127.0.0.1:8000"
    assert choose(api_key=LOCAL, base_url="http://box:8000").address == "http://box:8000"
    for url in (
        "https://api.stash.memory",
        "https://API.stash.memory/",
        "https://api.stash.memory:443",
        "http://api.stash.memory",
    ):
        with pytest.raises(BadSetting, match="local server's"):
            choose(api_key=LOCAL, base_url=url)
    monkeypatch.setenv("STASH_URL", "https://api.stash.memory")
    with pytest.raises(BadSetting, match="STASH_URL names the hosted service"):
        choose(api_key=LOCAL)


def test_a_key_that_the_local_server_keeps_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "local_key").write_text(LOCAL)
    assert choose().backend == "sqlite"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stash(api_key=LIVE) as hosted:
        assert LIVE not in f"{hosted!r}{hosted.choice!r}{vars(hosted.choice.__class__)}"
    choice = choose(redis_url="redis://ada:open-sesame@host:6379/0?password=open-sesame")
    assert choice.address == "redis://host:6379/0"
    assert "sesame" not in repr(choice)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"backend": "floppy"}, "backend is 'floppy'; it must be one of: memory, sqlite, redis."),
        ({"backend": "database"}, "which only a server can use"),
        ({"backend": "hosted"}, "must be one of"),
        ({"backend": "sqlite", "api_key": LIVE}, "backend= embeds Stash and api_key= makes it hosted"),
        ({"path": "x.db", "base_url": "http://h"}, "give one of the two"),
        ({"backend": "memory", "path": "x.db"}, "leave one of them out"),
        ({"path": ":memory:"}, 'backend="memory" keeps nothing on disk'),
        ({"backend": "sqlite", "redis_url": "redis://h"}, "is for the redis backend"),
        ({"base_url": "http://h"}, "needs an API key"),
        ({"api_key": ""}, "needs an API key"),
        ({"api_key": LIVE + "\n"}, "a character that no key has"),
        ({"api_key": LIVE, "base_url": "localhost:8000"}, "base_url= must be a server's URL"),
        ({"api_key": LIVE, "base_url": "ftp://h"}, "must be a server's URL"),
        ({"api_key": LIVE, "base_url": "http://u:p@h"}, "without a user"),
        ({"api_key": LIVE, "base_url": "http://h:99999"}, "must be a server's URL"),
        ({"redis_url": "http://h"}, "The redis URL cannot be used"),
        ({"redis_url": "redis://:pass#word@h"}, "The redis URL cannot be used"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(BadSetting) as found:
        Stash(**arguments)  # type: ignore[arg-type]
    assert said in str(found.value)
    assert "\n" not in str(found.value)
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__ or found.value.__context__ is None
    assert "word" not in str(found.value)
    assert LIVE not in str(found.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STASH_BACKEND", "database", "STASH_BACKEND is 'database', which only a server can use"),
        ("STASH_BACKEND", "floppy", "STASH_BACKEND is 'floppy'"),
        ("STASH_MAX_TTL", "soon", "STASH_MAX_TTL is 'soon'"),
    ],
)
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=said):
        Stash()


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STASH_MAX_TTL", "60")
    with Stash() as stash:
        assert stash.set("a", 1).ttl == 60
