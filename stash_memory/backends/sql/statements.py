"""The statements that all databases share. {words} are the dialect's, %(names)s are values."""

# ruff: noqa: S608 - statements are put together from the constants of this file alone

HELD = "{user} = %(user)s AND id = %(id)s"

# `unless` never matches if it is null.
COLUMNS = (
    "{now_us}, {expires}, size, version, CASE WHEN version = %(unless)s THEN 0 ELSE chunks END,"
    " CASE WHEN {cleared} OR version = %(unless)s THEN NULL ELSE body END"
)
RECALL = f"SELECT {COLUMNS} FROM {{record}} WHERE {HELD}"
# The clock is read once the row is locked, and the row is as its last writer left it.
HEAD = (
    f"WITH head AS MATERIALIZED (SELECT {{expires}}, size, version, chunks, {{cleared}} FROM {{record}}"
    f" WHERE {HELD} {{for_update}})"
    " SELECT {now_us}, head.* FROM (SELECT 1 AS one) AS always LEFT JOIN head ON TRUE"
)
INSERT = (
    "INSERT INTO {record} ({user}, id, {expires}, size, version, chunks, {flags}body)"
    " VALUES (%(user)s, %(id)s, %(expires_at_ms)s, %(size)s, %(version)s, %(chunks)s, {new_flags}%(body)s)"
    " ON CONFLICT ({user}, id) DO NOTHING"
)
REPLACE = (
    "UPDATE {record} SET {expires} = %(expires_at_ms)s, size = %(size)s, version = %(version)s,"
    f" chunks = %(chunks)s, {{replaced_flags}}body = %(body)s WHERE {HELD}"
)
EXTEND = f"UPDATE {{record}} SET {{expires}} = %(expires_at_ms)s WHERE {HELD}"
BODY = f"SELECT body FROM {{record}} WHERE {HELD}"
DELETE = f"DELETE FROM {{record}} WHERE {HELD}"

CLOCK = "WITH clock AS MATERIALIZED (SELECT {now_ms} AS now_ms)"
RANGE = (
    " FROM {record} WHERE {user} = %(user)s AND id >= %(first)s AND id > %(cursor)s AND {below_end}"
    " AND {expires_scanned} > (SELECT now_ms FROM clock) ORDER BY id LIMIT %(rows)s"
)
PAGE = f"{CLOCK} SELECT id, size, version, {{expires}}, (SELECT now_ms FROM clock){RANGE}"
BATCH = (
    f"{CLOCK} SELECT id, size, chunks, version, CASE chunks WHEN 0 THEN size ELSE 0 END{RANGE} {{for_update}}"
)
DELETE_BATCH = "DELETE FROM {{record}} WHERE {{user}} = %(user)s AND id IN {ids}"
TOTALS = (
    "SELECT count(*), CAST(COALESCE(sum(size), 0) AS bigint) FROM {record}"
    " WHERE NOT {cleared} AND {expires} > (SELECT {now_ms})"
)
TOTALS_OF_ONE = f"{TOTALS} AND {{user}} = %(user)s"

BUCKET = "SELECT (SELECT full_at_us FROM {bucket} WHERE {user} = %(user)s), {now_us}"
FILL_BUCKET = (
    "INSERT INTO {bucket} ({user}, full_at_us{granted}) VALUES (%(user)s, %(full_at_us)s{granted_value})"
    " ON CONFLICT ({user}) DO UPDATE SET full_at_us = excluded.full_at_us{granted_excluded}"
)

USAGE = "SELECT memories, bytes FROM {usage_of} AS kept"
START_USAGE = (
    "INSERT INTO {usage} ({user}, memories, bytes)"
    " SELECT %(user)s, count(*), COALESCE(sum(size), 0) FROM {record}"
    " WHERE {user} = %(user)s AND NOT {cleared} RETURNING memories, bytes"
)
EXPIRED_USAGE = (
    "SELECT count(*), CAST(COALESCE(sum(size), 0) AS bigint) FROM {record}"
    " WHERE {user} = %(user)s AND NOT {cleared} AND {expires} <= %(now_ms)s"
)

READ_CHUNKS = (
    "SELECT data FROM {chunk} WHERE version = %(version)s AND number >= %(first)s AND number < %(end)s"
    " ORDER BY number"
)
ADD_CHUNK = "INSERT INTO {chunk} (version, number, data) VALUES (%(version)s, %(number)s, %(data)s)"
BEGIN_BODY = "INSERT INTO {loose} (version, {since}) VALUES (%(version)s, {now_ms})"
TOUCH_BODY = "UPDATE {loose} SET {since} = {now_ms} WHERE version = %(version)s AND {since} > 0"
DUE_BODY = (
    "SELECT version, {since} FROM {loose} WHERE {since} IS NOT NULL"
    " AND {since} <= (SELECT {now_ms}) - %(linger_ms)s ORDER BY {since} LIMIT 1"
)
CONDEMN_LOOSE = "UPDATE {loose} SET {since} = -1 WHERE version = %(version)s AND {since} > 0"
CONDEMN_DUE = "UPDATE {loose} SET {since} = -1 WHERE version = %(version)s AND {since} = %(since_ms)s"
NOTE_RELEASE = "UPDATE {loose} SET {since} = {now_ms} WHERE version = %(version)s AND {since} = 0"
CONDEMNED_BODY = "SELECT 1 FROM {loose} WHERE version = %(version)s AND {since} = -1 {skip_locked}"
ERASE_CHUNKS = (
    "DELETE FROM {chunk} WHERE version = %(version)s AND number IN"
    " (SELECT number FROM {chunk} WHERE version = %(version)s ORDER BY number LIMIT %(rows)s)"
)
END_BODY = "DELETE FROM {loose} WHERE version = %(version)s AND {since} = -1"

ANY_DUE = "SELECT 1 FROM {record} WHERE NOT {cleared} AND {expires} <= (SELECT {now_ms}) LIMIT 1"
FULL_BUCKETS = (
    "DELETE FROM {bucket} WHERE {user} IN (SELECT {user} FROM {bucket}"
    " WHERE full_at_us <= (SELECT {now_us}) LIMIT %(rows)s {skip_locked})"
)
UNUSED_USAGE = (
    "DELETE FROM {usage} WHERE {user} IN (SELECT {user} FROM {usage} WHERE memories = 0"
    " LIMIT %(rows)s {skip_locked})"
)
OLD_TOMBSTONES = (
    "DELETE FROM {tombstone} WHERE ({user}, id) IN (SELECT {user}, id FROM {tombstone} WHERE {is_tombstone}"
    " AND {expires} <= (SELECT {now_ms}) - %(remembered_ms)s ORDER BY {expires} LIMIT %(rows)s {skip_locked})"
)
OLDEST_KEPT = (
    "SELECT {expires}, id FROM {tombstone} WHERE {user} = %(user)s AND {is_tombstone}"
    " ORDER BY {expires} DESC, id DESC LIMIT 1 OFFSET %(kept)s - 1"
)
SURPLUS_TOMBSTONES = (
    "DELETE FROM {tombstone} WHERE {user} = %(user)s AND id IN (SELECT id FROM {tombstone}"
    " WHERE {user} = %(user)s AND {is_tombstone} AND {expires} <= %(expires_at_ms)s"
    " AND ({expires} < %(expires_at_ms)s OR id < %(id)s) LIMIT %(rows)s {skip_locked})"
)
