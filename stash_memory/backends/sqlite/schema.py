"""The tables, and their making, which two processes may try at once."""

import sqlite3

from stash_memory.errors import StoreUnavailable

VERSION = 1
APPLICATION_ID = 0x53746173  # "Stas", for file(1)
LEAST_SQLITE = (3, 35)  # RETURNING

# The body comes last, so that what is read of a row without it never touches its overflow pages. A plain
# table with two indexes took 74 us to put 10 KB where WITHOUT ROWID took 160, and 10 us against 38 to get.
# memories_by_expiry holds all that totals and caps add up. Its first column is the user, for what a capped
# user keeps expired must be found without reading what others do.
TABLES = """
CREATE TABLE memories (
    row INTEGER PRIMARY KEY,
    user TEXT NOT NULL,
    id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,  -- milliseconds since the epoch
    size INTEGER NOT NULL,        -- bytes in the body
    version TEXT NOT NULL,
    chunks INTEGER NOT NULL,      -- 0: the body is here
    body BLOB
);
CREATE UNIQUE INDEX memories_by_id ON memories (user, id);
CREATE INDEX memories_by_expiry ON memories (user, expires_at, size);

CREATE TABLE tombstones (
    user TEXT NOT NULL,
    id TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user, id)
) WITHOUT ROWID;
CREATE INDEX tombstones_by_expiry ON tombstones (user, expires_at);

CREATE TABLE buckets (user TEXT PRIMARY KEY, full_at_us INTEGER NOT NULL) WITHOUT ROWID;

-- Of users who were ever written with caps. Counts what is expired and not yet cleared, too.
CREATE TABLE usage (user TEXT PRIMARY KEY, memories INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE chunks (version TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL);
CREATE UNIQUE INDEX chunks_by_number ON chunks (version, number);

-- Chunks that no memory holds, not yet or no longer. since_ms: when the last one was written, or when a clearing
-- saw that they were let go; 0 until it did; -1 while they are cleared.
CREATE TABLE loose (version TEXT PRIMARY KEY, since_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX loose_by_age ON loose (since_ms);

CREATE TRIGGER memory_came AFTER INSERT ON memories BEGIN
    DELETE FROM tombstones WHERE user = NEW.user AND id = NEW.id;
    UPDATE usage SET memories = memories + 1, bytes = bytes + NEW.size WHERE user = NEW.user;
END;
CREATE TRIGGER memory_resized AFTER UPDATE OF size ON memories WHEN NEW.size <> OLD.size BEGIN
    UPDATE usage SET bytes = bytes + NEW.size - OLD.size WHERE user = NEW.user;
END;
CREATE TRIGGER memory_rewritten AFTER UPDATE OF version ON memories WHEN OLD.chunks BEGIN
    INSERT INTO loose (version, since_ms) VALUES (OLD.version, 0);
END;
CREATE TRIGGER memory_left AFTER DELETE ON memories BEGIN
    UPDATE usage SET memories = memories - 1, bytes = bytes - OLD.size WHERE user = OLD.user;
    INSERT INTO loose (version, since_ms) SELECT OLD.version, 0 WHERE OLD.chunks;
END;
"""


def prepare(db: sqlite3.Connection, path: str) -> None:
    """Makes the tables where they are not yet. Raises sqlite3.Error, and StoreUnavailable for a file of others."""
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise StoreUnavailable(f"{path} needs SQLite 3.35 or later: Python has {sqlite3.sqlite_version}.")
    made = _made(db, path)
    _turn_on_wal(db, path)
    if not made:
        _make(db, path)


def _make(db: sqlite3.Connection, path: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if not _made(db, path):
            for statement in _statements():
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _made(db: sqlite3.Connection, path: str) -> bool:
    version = _version(db)
    if version > VERSION:
        raise StoreUnavailable(f"{path} was written by a newer Stash: update this one.")
    if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        # Another process may have made it meanwhile; then its tables and its version came at once.
        version = _version(db)
        if version == 0:
            raise StoreUnavailable(f"{path} is another program's database: give another path.")
    return version == VERSION


def _turn_on_wal(db: sqlite3.Connection, path: str) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreUnavailable(f"{path} is on a disk that cannot share memory (WAL): use a local disk.")


def _statements() -> list[str]:
    found, statement = [], ""
    for line in TABLES.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version
