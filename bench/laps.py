"""A store of millions of records out of one of thousands, without following any log.

What a node holds of a mirrored log is laid down again and again behind itself, lap after lap: rows
under other ids and with tags of other records of the same subjects, their openings sealed each to
its place, leaves, findings and notices. So the pages of the console have to do with as many records
as if they had come. Leaves are the same bytes in each lap, and no checkpoint covers the laps: such
a log can be read, and does not go on. SQLite alone.
"""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, make_url
from sqlalchemy.schema import CreateIndex

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
_LAP: Final = (
    (
        "INSERT INTO statements SELECT log, idx + :shift, lapped(:number, statement_id), kind, "
        "action, flags, lapped(:number, about), opening, retagged(:number, tag), audience, "
        "list_type, authority, decided_on, until, state, rule, header_state, names, current "
        "+ :shift FROM statements WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO findings SELECT log, idx + :shift, finding FROM findings "
        "WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO notices SELECT log, idx + :shift, position + :number * (SELECT "
        "max(position) + 1 FROM notices WHERE log = :log AND idx < :lap), state, annotations, "
        "current + :shift, noticed_at, changed_at, reminded, reminded_at FROM notices "
        "WHERE log = :log AND idx < :lap"
    ),
    (
        "INSERT INTO tiles SELECT log, level, n + :shift / 256, data FROM tiles "
        "WHERE log = :log AND level < 1 AND n < :lap / 256"
    ),
    (
        "INSERT INTO state_pages SELECT log, page + :shift / 1024, data FROM state_pages "
        "WHERE log = :log AND page < :lap / 1024"
    ),
)
_ALL: Final = (
    "DELETE FROM block_counts WHERE log = :log",
    (
        f"INSERT INTO block_counts SELECT log, idx / {BLOCK}, kind, state, list_type, count(*) "
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
        node: its directory; its database is SQLite.
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
    path = make_url(load_config(node).database.url).database
    database = sqlite3.connect(str(path), isolation_level=None)
    for function in (lapped, retagged):
        database.create_function(function.__name__, 2, function, deterministic=True)
    database.execute("PRAGMA synchronous=OFF")
    database.execute("BEGIN")
    indexes = sorted(schema.statements.indexes, key=lambda one: str(one.name))
    for index in indexes:
        database.execute(f"DROP INDEX {index.name}")
    laps = -(-size // lap)
    for number in range(1, laps):
        shift = number * lap
        asked = {"log": head.log, "lap": lap, "shift": shift, "number": number}
        for statement in _LAP:
            database.execute(statement, asked)
        for begin in range(0, len(read), _OPENINGS_AT_ONCE):
            some = read[begin : begin + _OPENINGS_AT_ONCE]
            moved = [(index + shift, salt, payload) for index, salt, payload in some]
            sealed = opened.keyring.seal_openings(origin, moved)
            database.executemany(
                "INSERT INTO openings (log, idx, key, sealed) VALUES (?, ?, ?, ?)",
                [(head.log, one.index, one.key, one.sealed) for one in sealed],
            )
    for statement in _ALL:
        database.execute(statement, {"log": head.log, "laps": laps, "size": laps * lap})
    _hash(database, head.log, laps * lap // TILE_WIDTH)
    engine = create_engine("sqlite://")
    for index in indexes:
        database.execute(str(CreateIndex(index).compile(engine)))
    database.execute("COMMIT")
    database.close()
    opened.store.close()
    return laps * lap


def _hash(database: sqlite3.Connection, log: int, full: int) -> None:
    """Make the tiles above the lowest ones, of which there are so many, all full."""
    database.execute("DELETE FROM tiles WHERE log = ? AND level > 0", (log,))
    level, count = 0, full
    while count:
        asked = "SELECT data FROM tiles WHERE log = ? AND level = ? AND n < ? ORDER BY n"
        nodes = [
            root_of([data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)])
            for (data,) in database.execute(asked, (log, level, count))
        ]
        level, count = level + 1, len(nodes) // TILE_WIDTH
        put = "INSERT INTO tiles (log, level, n, data) VALUES (?, ?, ?, ?)"
        tiles = [
            (log, level, number, b"".join(nodes[begin : begin + TILE_WIDTH]))
            for number, begin in enumerate(range(0, len(nodes), TILE_WIDTH))
        ]
        database.executemany(put, tiles)


def lapped(number: int, id_: bytes | None) -> bytes | None:
    """Another id for a statement, the same wherever it is named."""
    return None if id_ is None else sha256(id_ + bytes([number & 255, number >> 8])).digest()[:_ID]


def retagged(number: int, tag: bytes | None) -> bytes | None:
    """The tag of another record of the same subject; of a subject alone its own."""
    if tag is None or len(tag) == _TAG:
        return tag
    return tag[:_TAG] + sha256(tag + bytes([number & 255, number >> 8])).digest()[: len(tag) - _TAG]
