"""What becomes of the store when its file, its folder or its disk is not what it should be."""

import os
import resource
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stash_memory.backends.sqlite import schema
from stash_memory.errors import StoreFull, StoreUnavailable
from tests.backends import SqliteBackend
from tests.library.sqlite.children import NOBODY, forked

BODY = (b'{"a": 1}',)


def put(backend: SqliteBackend, id: str = "plan", size: int = 10) -> str:
    return backend.put("alice", id, (b"x" * size,), 60_000).version


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def their_folder() -> Iterator[Path]:
    """A folder that a child which is not root can reach: pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_nothing_is_opened_or_made_before_the_first_use(path: Path) -> None:
    SqliteBackend(path)
    assert not path.exists()


def test_file_and_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "stash" / "memories.db"
    backend = SqliteBackend(path)
    put(backend)
    assert [mode(path.parent.parent), mode(path.parent)] == [0o700, 0o700]
    assert {name.name: mode(name) for name in path.parent.iterdir()} == {
        "memories.db": 0o600,
        "memories.db-wal": 0o600,
        "memories.db-shm": 0o600,
    }
    backend.close()


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    backend = SqliteBackend(tmp_path / "memories.db")
    put(backend)
    assert mode(tmp_path) == 0o755
    backend.close()


@pytest.mark.parametrize("name", ["a b.db", "what?mode=memory", "50%41.db", "#1.db", "über.db", ":memory:"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    backend = SqliteBackend(tmp_path / name)
    put(backend)
    assert (tmp_path / name).stat().st_size > 0
    backend.close()


def test_a_relative_path_means_the_folder_that_was_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend = SqliteBackend("memories.db")
    monkeypatch.chdir("/")
    put(backend)
    assert (tmp_path / "memories.db").exists()
    backend.close()


def test_a_folder_in_place_of_the_file(path: Path, backend: SqliteBackend) -> None:
    path.mkdir()
    with pytest.raises(StoreUnavailable, match=rf"{path} is a folder: ") as caught:
        put(backend)
    assert caught.value.applied is False
    path.rmdir()
    put(backend)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    backend = SqliteBackend(tmp_path / "home" / "memories.db")
    with pytest.raises(StoreUnavailable, match=r"home/memories.db lies inside what is not a folder: "):
        backend.get("alice", "plan")


def test_a_file_of_garbage(path: Path, backend: SqliteBackend) -> None:
    path.write_bytes(os.urandom(50_000))
    for act in (lambda: put(backend), lambda: backend.get("alice", "plan")):
        with pytest.raises(StoreUnavailable, match=f"{path} is damaged, or not a SQLite file: ") as caught:
            act()
        assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)
        assert caught.value.applied is False
    path.unlink()
    put(backend)


def test_a_file_that_is_overwritten_between_two_uses(path: Path, opened: Callable[[], SqliteBackend]) -> None:
    first = opened()
    put(first)
    first.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StoreUnavailable, match=f"{path} is damaged"):
        opened().get("alice", "plan")


def test_another_programs_database_is_left_as_it_is(path: Path, backend: SqliteBackend) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE songs (name)")
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match=f"{path} is another program's database: "):
        put(backend)
    assert path.read_bytes() == before


def test_a_newer_stashs_file_is_left_as_it_is(path: Path, backend: SqliteBackend) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(StoreUnavailable, match=f"{path} was written by a newer Stash: "):
        put(backend)


def test_a_file_that_may_not_be_written(their_folder: Path) -> None:
    path = their_folder / "memories.db"
    backend = SqliteBackend(path)
    put(backend)
    path.chmod(0o444)
    for name in their_folder.iterdir():
        name.chmod(0o444)
    said = forked(lambda: put(backend), nobody=True)
    assert said["error"] == "StoreUnavailable"
    assert said["detail"].startswith(f"{path} cannot be written: ")
    assert said["applied"] is False
    backend.close()


def test_a_folder_that_may_not_be_written(their_folder: Path) -> None:
    backend = SqliteBackend(their_folder / "memories.db")
    their_folder.chmod(0o555)
    said = forked(lambda: put(backend), nobody=True)
    assert said["error"] == "StoreUnavailable"
    assert said["detail"].startswith(f"{their_folder / 'memories.db'} cannot be written: ")


def test_a_file_that_may_not_be_read(their_folder: Path) -> None:
    path = their_folder / "memories.db"
    path.touch(0o000)
    if os.geteuid() == 0:
        os.chown(their_folder, NOBODY, NOBODY)
    said = forked(lambda: put(SqliteBackend(path)), nobody=True)
    assert said["error"] == "StoreUnavailable"
    assert said["detail"].startswith(f"{path} cannot be opened: ")


def test_a_full_disk(backend: SqliteBackend) -> None:
    first = put(backend)
    link = backend._connections.link()
    with link as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
    for size in (100_000, 3_000_000):
        with pytest.raises(StoreFull, match=r"There is no room for .*memories\.db, and") as caught:
            put(backend, size=size)
        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert backend.get("alice", "plan").version == first
    with link as db:
        db.execute("PRAGMA max_page_count = 100000")
        assert db.execute("SELECT count(*) FROM chunks").fetchone() == (0,)
    put(backend, size=3_000_000)


def test_a_full_disk_midway_through_a_batch_undoes_the_batch(path: Path, backend: SqliteBackend) -> None:
    from tests.by_method import Put

    put(backend)
    with backend._connections.link() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(StoreFull):
        backend.many("alice", [Put(f"p{n}", (b"x" * 2000,), 60_000) for n in range(100)])
    assert [entry.id for entry in backend.page("alice").entries] == ["plan"]


def test_a_limit_on_the_size_of_files_is_a_full_disk(backend: SqliteBackend) -> None:
    put(backend)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        for number in range(100):
            put(backend, f"filler {number}", 50_000)

    said = forked(fill)
    assert said["error"] == "StoreFull"
    assert backend.get("alice", "plan").size == 10
    assert backend.get("alice", "filler 0").size == 50_000
