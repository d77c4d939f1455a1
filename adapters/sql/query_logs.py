"""The query log in the query store: its tiles, its checkpoints, and the rows that wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from adapters.sql.query_schema import (
    WAITING_ONLY,
    query_logs,
    query_notes,
    query_rows,
    query_tiles,
    query_witnessed,
)
from adapters.sql.query_store import QueryReads, QueryWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLogHead:
    """What the store holds of one epoch of the query log.

    Attributes:
        log: the epoch.
        origin: `queries.<node>/<epoch>`.
        size: leaves in its tiles.
        note_size: leaves under its newest signed checkpoint.
        note: that checkpoint; empty before the first.
    """

    log: int
    origin: str
    size: int = 0
    note_size: int = 0
    note: bytes = b""


class QueryTiles:
    """Tiles of the query log, as `node.log.tiles` reads them."""

    def __init__(self, reads: QueryReads) -> None:
        """Read in a session."""
        self._connection = reads.connection

    def tiles(self, log: int, level: int, numbers: Sequence[int]) -> Sequence[bytes]:
        """Stored data of tiles in the order asked; level -1 are entry tiles.

        Raises:
            KeyError: a tile is not stored.
        """
        query = select(query_tiles.c.n, query_tiles.c.data).where(
            query_tiles.c.log == log,
            query_tiles.c.level == level,
            query_tiles.c.n.in_(numbers),
        )
        found = {row.n: bytes(row.data) for row in self._connection.execute(query)}
        missing = [n for n in numbers if n not in found]
        if missing:
            message = f"query log {log}: tile {missing[0]} of level {level} is not stored"
            raise KeyError(message)
        return [found[n] for n in numbers]


class WrittenQueryTiles(QueryTiles):
    """Tiles that may be written too."""

    def __init__(self, writes: QueryWrites) -> None:
        """Read and write in a session."""
        super().__init__(writes)

    def put_tiles(self, log: int, level: int, tiles: Mapping[int, bytes]) -> None:
        """Insert tiles, or replace partial ones by longer ones."""
        if tiles:
            keys = [{"at_log": log, "at_level": level, "at_n": n} for n in tiles]
            self._connection.execute(_DROP_TILE, keys)
            rows = [{"log": log, "level": level, "n": n, "data": d} for n, d in tiles.items()]
            self._connection.execute(insert(query_tiles), rows)


def query_log_head(reads: QueryReads, log: int) -> QueryLogHead | None:
    """What is held of an epoch; None before its first leaf or note."""
    row = reads.connection.execute(select(query_logs).where(query_logs.c.log == log)).first()
    if row is None:
        return None
    return QueryLogHead(
        log=row.log,
        origin=row.origin,
        size=row.size,
        note_size=row.note_size,
        note=bytes(row.note),
    )


def set_query_log_head(writes: QueryWrites, head: QueryLogHead) -> None:
    """Write what is held of an epoch."""
    writes.connection.execute(delete(query_logs).where(query_logs.c.log == head.log))
    writes.connection.execute(
        insert(query_logs),
        {
            "log": head.log,
            "origin": head.origin,
            "size": head.size,
            "note_size": head.note_size,
            "note": head.note,
        },
    )


def waiting_leaves(reads: QueryReads, log: int, limit: int) -> list[tuple[int, bytes]]:
    """Place and leaf of the rows that are not in the log yet, in their order."""
    query = (
        select(query_rows.c.place, query_rows.c.leaf)
        .where(WAITING_ONLY, query_rows.c.log == log)
        .order_by(query_rows.c.place)
        .limit(limit)
    )
    return [(row.place, bytes(row.leaf)) for row in reads.connection.execute(query)]


def set_indexes(writes: QueryWrites, first: int, places: Sequence[int]) -> None:
    """Say where in the log rows stand: the first of them at `first`, the others behind it."""
    if places:
        rows = [{"of": place, "to": first + i} for i, place in enumerate(places)]
        writes.connection.execute(_SET_INDEX, rows)


def put_query_note(writes: QueryWrites, log: int, size: int, at: int, note: bytes) -> None:
    """Keep a cosigned checkpoint, in place of an earlier one of its size."""
    of_size = (query_notes.c.log == log) & (query_notes.c.size == size)
    writes.connection.execute(delete(query_notes).where(of_size))
    row = {"log": log, "size": size, "at": at, "note": note}
    writes.connection.execute(insert(query_notes), row)


def query_notes_of(reads: QueryReads, log: int) -> Iterator[tuple[int, int, bytes]]:
    """Size, time and note of the cosigned checkpoints of an epoch, the smallest first."""
    query = select(query_notes).where(query_notes.c.log == log).order_by(query_notes.c.size)
    for row in reads.connection.execute(query):
        yield row.size, row.at, bytes(row.note)


def last_query_note(reads: QueryReads, log: int) -> tuple[int, int, bytes] | None:
    """The largest cosigned checkpoint of an epoch: size, time, note."""
    query = (
        select(query_notes)
        .where(query_notes.c.log == log)
        .order_by(query_notes.c.size.desc())
        .limit(1)
    )
    row = reads.connection.execute(query).first()
    return None if row is None else (row.size, row.at, bytes(row.note))


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """Another member's query log, as far as it was cosigned here.

    Attributes:
        origin: its origin.
        size: leaves last cosigned.
        root: root at that size.
        at: when, seconds UTC.
        note: that checkpoint, as it was signed; what contradicts it proves two histories.
    """

    origin: str
    size: int
    root: bytes
    at: int
    note: bytes


def witnessed(reads: QueryReads, origin: str) -> Witnessed | None:
    """What was cosigned last of a query log."""
    query = select(query_witnessed).where(query_witnessed.c.origin == origin)
    row = reads.connection.execute(query).first()
    if row is None:
        return None
    return Witnessed(
        origin=row.origin, size=row.size, root=bytes(row.root), at=row.at, note=bytes(row.note)
    )


def query_checkpoints(reads: QueryReads) -> Iterator[tuple[str, int, bytes]]:
    """Origin, size and note of every checkpoint that is kept, of our own epochs and of others'.

    Of a size that a witness cosigned, that note; else the newest signed one.
    """
    for head in reads.connection.execute(select(query_logs).order_by(query_logs.c.log)):
        cosigned = 0
        for size, _, note in query_notes_of(reads, head.log):
            yield head.origin, size, note
            cosigned = size
        if head.note and head.note_size > cosigned:
            yield head.origin, head.note_size, bytes(head.note)
    for row in reads.connection.execute(select(query_witnessed).order_by(query_witnessed.c.origin)):
        yield row.origin, row.size, bytes(row.note)


def set_witnessed(writes: QueryWrites, one: Witnessed) -> None:
    """Write what was cosigned last of a query log."""
    of_log = query_witnessed.c.origin == one.origin
    writes.connection.execute(delete(query_witnessed).where(of_log))
    writes.connection.execute(
        insert(query_witnessed),
        {
            "origin": one.origin,
            "size": one.size,
            "root": one.root,
            "at": one.at,
            "note": one.note,
        },
    )


_DROP_TILE: Final = delete(query_tiles).where(
    query_tiles.c.log == bindparam("at_log"),
    query_tiles.c.level == bindparam("at_level"),
    query_tiles.c.n == bindparam("at_n"),
)
_SET_INDEX: Final = (
    update(query_rows).where(query_rows.c.place == bindparam("of")).values(idx=bindparam("to"))
)
