"""SQL of shared high-water marks; what writes says itself where it may (SM3, SM5)."""

# ruff: noqa: S608 - put together of constants alone

from __future__ import annotations

from typing import Final, LiteralString

SERVER: Final[LiteralString] = (
    "(SELECT system_identifier::text FROM pg_control_system()) || '/' || CASE WHEN "
    "pg_is_in_recovery() THEN 'standby' ELSE "
    "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END"
)
"""SQL: system identifier and timeline; a standby has none, it takes no step."""

TABLE: Final[LiteralString] = """
CREATE TABLE IF NOT EXISTS huxin_mark (
    origin text COLLATE "C" PRIMARY KEY,
    state text NOT NULL,
    sequence bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    holder text NOT NULL,
    server text NOT NULL,
    digest bytea NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now()
)"""

_DURABLE: Final[LiteralString] = (
    "current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on' "
    "AND NOT pg_is_in_recovery()"
)
LOOK: Final[LiteralString] = (
    "SELECT state, sequence, size, root, holder, server, digest, md5(m::text), "
    f"{SERVER}, {_DURABLE}, current_setting('fsync'), current_setting('synchronous_commit') "
    "FROM (SELECT 1) AS one LEFT JOIN huxin_mark AS m ON origin = %(origin)s"
)
LOOK_WITHOUT: Final[LiteralString] = (
    "SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
    f"{SERVER}, {_DURABLE}, current_setting('fsync'), current_setting('synchronous_commit')"
)
_SET: Final[LiteralString] = (
    "state = %(new_state)s, sequence = %(new_sequence)s, size = %(new_size)s, "
    "root = %(new_root)s, holder = %(new_holder)s, server = %(new_server)s, "
    "digest = %(new_digest)s, moved_at = now()"
)
STEP: Final[LiteralString] = (
    f"UPDATE huxin_mark SET {_SET} WHERE origin = %(origin)s AND state = %(state)s "
    "AND sequence = %(sequence)s AND size = %(size)s AND root = %(root)s "
    "AND holder = %(holder)s AND server = %(server)s AND digest = %(digest)s "
    f"AND {SERVER} = %(new_server)s AND {_DURABLE} RETURNING 1"
)
REPLACE: Final[LiteralString] = (
    f"UPDATE huxin_mark AS m SET {_SET} WHERE origin = %(origin)s AND md5(m::text) = %(content)s "
    f"AND {SERVER} = %(new_server)s AND {_DURABLE} RETURNING 1"
)
INSERT: Final[LiteralString] = (
    "INSERT INTO huxin_mark (origin, state, sequence, size, root, holder, server, digest) "
    "SELECT %(origin)s, %(new_state)s, %(new_sequence)s, %(new_size)s, %(new_root)s, "
    "%(new_holder)s, %(new_server)s, %(new_digest)s "
    f"WHERE {SERVER} = %(new_server)s AND {_DURABLE} ON CONFLICT DO NOTHING RETURNING 1"
)
