"""A store of millions of records out of one of thousands, without following any log.

What a node holds of a mirrored log is laid down again and again behind itself, lap after lap: rows
under other ids and with tags of other records of the same subjects, their openings sealed each to
its place, leaves, findings and notices. So the pages of the console have to do with as many records
as if they had come. Leaves are the same bytes in each lap, and no checkpoint covers the laps: such
a log can be read, and does not go on.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, NullPool, create_engine, delete, insert, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from adapters.sql import schema
from crypto.merkle import HASH_SIZE, root_of
from crypto.tiles import TILE_WIDTH
from federation.ids import Origin
from federation.ports.seeking import BLOCK
from federation.ports.store import STATE_PAGE
from federation.record_key import SUBJECT_TAG_SIZE
from node.directory.config import load_config
from node.directory.opened import open_directory

ALIGNED: Final = STATE_PAGE
"""A lap begins where tiles and pages of header states begin."""
_OPENINGS_AT_ONCE: Final = 4096
_ID, _TAG = 16, SUBJECT_TAG_SIZE
_MOVED: Final = {
    "idx": "idx + :shift",
    "statement_id": "lapped(:number, statement_id)",
    "about": "lapped(:number, about)",
    "tag": "retagged(:number, tag)",
    "current": "current + :shift",
}
_NAMES: Final = tuple(column.name for column in schema.statements.columns)
_LAP: Final = (
    (
        f"INSERT INTO statements ({', '.join(_NAMES)}) "
        f"SELECT {', '.join(_MOVED.get(name, name) for name in _NAMES)} "
        "FROM statements WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO findings (log, idx, finding) SELECT log, idx + :shift, finding FROM findings "
        "WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO notices (log, idx, position, state, annotations, current, noticed_at, "
        "changed_at, reminded, reminded_at) SELECT log, idx + :shift, position + :number * (SELECT "
        "max(position) + 1 FROM notices WHERE log = :log AND idx < :lap), state, annotations, "
        "current + :shift, noticed_at, changed_at, reminded, reminded_at FROM notices "
        "WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO tiles (log, level, n, data) SELECT log, level, n + :shift / 256, data "
        "FROM tiles WHERE log = :log AND level < 1 AND n < :lap / 256"
    ),
    (
        "INSERT INTO state_pages (log, page, data) SELECT log, page + :shift / 1024, data "
        "FROM state_pages WHERE log = :log AND page < :lap / 1024"
    ),
)
_SALT: Final = (
    "decode(lpad(to_hex(number & 255), 2, '0') || lpad(to_hex(number >> 8), 2, '0'), 'hex')"
)
_POSTGRES: Final = (
    (
        "CREATE OR REPLACE FUNCTION lapped(number int, id bytea) RETURNS bytea LANGUAGE sql "
        f"IMMUTABLE AS $$ SELECT substring(sha256(id || {_SALT}) from 1 for {_ID}) $$"
    ),
    (
        "CREATE OR REPLACE FUNCTION retagged(number int, tag bytea) RETURNS bytea LANGUAGE sql "
        f"IMMUTABLE AS $$ SELECT CASE WHEN length(tag) > {_TAG} THEN "
        f"substring(tag from 1 for {_TAG}) || substring(sha256(tag || {_SALT}) from 1 for "
        f"length(tag) - {_TAG}) ELSE tag END $$"
    ),
)
"""`lapped` and `retagged` as the server knows them."""
_ALL: Final = (
    "DELETE FROM block_counts WHERE log = :log",
    (
        "INSERT INTO block_counts (log, block, kind, state, list_type, number) "
        f"SELECT log, idx / {BLOCK}, kind, state, list_type, count(*) "
        "FROM statements WHERE log = :log GROUP BY 1, 2, 3, 4, 5"
    ),
    "UPDATE state_counts SET number = number * :laps WHERE log = :log",
    "UPDATE finding_counts SET number = number * :laps WHERE log = :log",
    (
        "UPDATE logs SET size = :size, applied_to = :size, reconciled_to = :size, "
        "delivered_to = :size, receipted_to = :size WHERE log = :log"
    ),
    "UPDATE notice_cursors SET noticed_to = :size WHERE log = :log",
    "UPDATE heard_to SET heard_to = :size WHERE log = :log",
    "UPDATE outlet_cursors SET handed_to = :size WHERE log = :log",
)


def lay_laps(node: Path, origin: Origin, size: int) -> int:
    """Let a node that does not run hold so many leaves of a log.

    Args:
        node: its directory.
        origin: a log that it mirrors; it is cut to a multiple of `ALIGNED` leaves first.
        size: leaves wanted.

    Returns:
        How many there are: whole laps.
    """
    opened = open_directory(node)
    with opened.store.write() as session:
        head = session.head(origin)
        if head is None or head.size < ALIGNED:
            message = f"expected {ALIGNED} leaves of {origin} or more, got {head}"
            raise ValueError(message)
        lap = head.size - head.size % ALIGNED
        session.set_back(head, lap)
        stored = session.openings(head.log, range(lap))
    read = [
        (one.index, said.salt, said.payload)
        for one, said in opened.keyring.held_openings(origin, stored)
    ]
    engine = create_engine(load_config(node).database.url, poolclass=NullPool)
    laps = -(-size // lap)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        _functions(connection)
        indexes = sorted(schema.statements.indexes, key=lambda one: str(one.name))
        for index in indexes:
            connection.execute(DropIndex(index))
        for number in range(1, laps):
            shift = number * lap
            asked = {"log": head.log, "lap": lap, "shift": shift, "number": number}
            for statement in _LAP:
                connection.execute(text(statement), asked)
            for begin in range(0, len(read), _OPENINGS_AT_ONCE):
                some = read[begin : begin + _OPENINGS_AT_ONCE]
                moved = [(index + shift, salt, payload) for index, salt, payload in some]
                sealed = opened.keyring.seal_openings(origin, moved)
                connection.execute(
                    insert(schema.openings),
                    [
                        {"log": head.log, "idx": one.index, "key": one.key, "sealed": one.sealed}
                        for one in sealed
                    ],
                )
        for statement in _ALL:
            asked = {"log": head.log, "laps": laps, "size": laps * lap}
            connection.execute(text(statement), asked)
        _hash(connection, head.log, laps * lap // TILE_WIDTH)
        for index in indexes:
            connection.execute(CreateIndex(index))
        connection.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # which its daemon does within a minute
    engine.dispose()
    opened.store.close()
    return laps * lap


def _functions(connection: Connection) -> None:
    """Let the database call `lapped` and `retagged`, until it is closed or what began is undone."""
    if connection.engine.dialect.name == "sqlite":
        bare: Any = connection.connection.driver_connection
        for function in (lapped, retagged):
            bare.create_function(function.__name__, 2, function, deterministic=True)
        return
    for statement in _POSTGRES:
        connection.execute(text(statement))


def _hash(connection: Connection, log: int, full: int) -> None:
    """Make the tiles above the lowest ones, of which there are so many, all full."""
    c = schema.tiles.c
    connection.execute(delete(schema.tiles).where(c.log == log, c.level > 0))
    level, count = 0, full
    while count:
        asked = select(c.data).where(c.log == log, c.level == level, c.n < count).order_by(c.n)
        nodes = [
            root_of([data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)])
            for data in map(bytes, connection.scalars(asked))
        ]
        level, count = level + 1, len(nodes) // TILE_WIDTH
        tiles = [
            {
                "log": log,
                "level": level,
                "n": number,
                "data": b"".join(nodes[begin : begin + TILE_WIDTH]),
            }
            for number, begin in enumerate(range(0, len(nodes), TILE_WIDTH))
        ]
        if tiles:
            connection.execute(insert(schema.tiles), tiles)


def lapped(number: int, id_: bytes | None) -> bytes | None:
    """Another id for a statement, the same wherever it is named."""
    return None if id_ is None else sha256(id_ + bytes([number & 255, number >> 8])).digest()[:_ID]


def retagged(number: int, tag: bytes | None) -> bytes | None:
    """The tag of another record of the same subject; of a subject alone its own."""
    if tag is None or len(tag) == _TAG:
        return tag
    return tag[:_TAG] + sha256(tag + bytes([number & 255, number >> 8])).digest()[: len(tag) - _TAG]
