"""Read sessions over one connection; `writing.py` adds what a write session may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, Select, exists, func, select, tuple_

from adapters.sql import schema
from adapters.sql.bulk import Bulk, names_of
from adapters.sql.rows import decode_audience, entry_from_row, head_from_row
from crypto.merkle import HASH_SIZE
from crypto.tiles import TILE_WIDTH, parse_entry_tile
from federation.ids import Origin
from federation.payloads import Audience
from federation.ports import FeedRow, JournalEntry, LogHead, StoredOpening
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind

ENTRIES: Final = -1
"""Level under which entry tiles are kept."""

_STREAM_STEP: Final = 8192
"""Leaves for each question of a stream: bounds what is held in memory at once."""

_ROW: Final = StatementRow._fields
_HEADS: Final[Select[tuple[object, ...]]] = select(
    schema.logs,
    exists().where(schema.forks.c.origin == schema.logs.c.origin).label("forked"),
)


class SqlReadSession:
    """`federation.ports.ReadSession` inside a transaction that the store began.

    Used by one thread at a time, and not after the store's context has ended.
    """

    def __init__(self, connection: Connection, bulk: Bulk) -> None:
        """Read over a connection and its bulk paths."""
        self._connection = connection
        self._bulk = bulk
        self._audiences: dict[int, Audience] = {}

    def heads(self) -> Sequence[LogHead]:
        """See `ReadSession.heads`."""
        query = _HEADS.order_by(schema.logs.c.ours.desc(), schema.logs.c.log)
        return [head_from_row(row) for row in self._connection.execute(query)]

    def head(self, origin: Origin) -> LogHead | None:
        """See `ReadSession.head`."""
        row = self._connection.execute(_HEADS.where(schema.logs.c.origin == origin)).one_or_none()
        return None if row is None else head_from_row(row)

    def tiles(self, log: int, level: int, numbers: Sequence[int]) -> Sequence[bytes]:
        """See `ReadSession.tiles`."""
        if not numbers:
            return ()
        fixed = {"log": log, "level": level}
        rows = self._bulk.select(("n", "data"), schema.tiles, fixed, "n", numbers)
        found: dict[int, bytes] = {n: data for n, data in rows}  # noqa: C416 - types of Any rows
        missing = [n for n in numbers if n not in found]
        if missing:
            message = f"log {log}: tile {missing[0]} of level {level} is not stored"
            raise KeyError(message)
        return [found[n] for n in numbers]

    def leaves(self, log: int, start: int, end: int) -> Sequence[bytes]:
        """See `ReadSession.leaves`.

        Raises:
            KeyError: `end` is beyond the size held.
        """
        if start >= end:
            return ()
        first = start // TILE_WIDTH
        numbers = range(first, (end - 1) // TILE_WIDTH + 1)
        entries: list[bytes] = []
        for data in self.tiles(log, ENTRIES, numbers):
            entries += parse_entry_tile(data)
        begin = start - first * TILE_WIDTH
        leaves = entries[begin : begin + end - start]
        if len(leaves) != end - start:
            message = f"log {log}: leaves up to {end} are not stored"
            raise KeyError(message)
        return leaves

    def leaf_hashes(self, places: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """See `ReadSession.leaf_hashes`.

        Raises:
            KeyError: a place is beyond the size held.
        """
        tiles: dict[tuple[int, int], bytes] = {}
        for log, indices in _by_log(places).items():
            numbers = sorted({index // TILE_WIDTH for index in indices})
            for number, data in zip(numbers, self.tiles(log, 0, numbers), strict=True):
                tiles[log, number] = data
        hashes: list[bytes] = []
        for log, index in places:
            number, place = divmod(index, TILE_WIDTH)
            leaf_hash = tiles[log, number][place * HASH_SIZE : (place + 1) * HASH_SIZE]
            if not leaf_hash:
                message = f"log {log}: leaf {index} is not stored"
                raise KeyError(message)
            hashes.append(leaf_hash)
        return hashes

    def openings(self, log: int, indices: Sequence[int]) -> Sequence[StoredOpening]:
        """See `ReadSession.openings`."""
        columns = ("idx", "key", "sealed")
        rows = self._bulk.select(columns, schema.openings, {"log": log}, "idx", indices)
        return [StoredOpening(index=i, key=key, sealed=sealed) for i, key, sealed in rows]

    def openings_between(self, log: int, start: int, end: int) -> Sequence[StoredOpening]:
        """See `ReadSession.openings_between`."""
        columns = ("idx", "key", "sealed")
        rows = self._bulk.select_between(columns, schema.openings, log, start, end)
        return [StoredOpening(index=i, key=key, sealed=sealed) for i, key, sealed in rows]

    def rows_between(self, log: int, start: int, end: int) -> Sequence[StatementRow]:
        """See `ReadSession.rows_between`."""
        rows = self._bulk.select_between(_ROW, schema.statements, log, start, end)
        return list(map(StatementRow._make, rows))

    def rows_at(self, places: Sequence[tuple[int, int]]) -> Sequence[StatementRow]:
        """See `ReadSession.rows_at`."""
        rows: list[StatementRow] = []
        for log, indices in _by_log(places).items():
            rows += self._rows({"log": log}, "idx", indices)
        return rows

    def rows_by_id(
        self, logs: Sequence[int] | None, statement_ids: Sequence[bytes]
    ) -> Sequence[StatementRow]:
        """See `ReadSession.rows_by_id`."""
        rows = self._rows({}, "statement_id", statement_ids)
        return rows if logs is None else [row for row in rows if row.log in logs]

    def rows_about(self, statement_ids: Sequence[bytes]) -> Sequence[StatementRow]:
        """See `ReadSession.rows_about`."""
        return self._rows({}, "about", statement_ids)

    def rows_by_record(
        self, record_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """See `ReadSession.rows_by_record`."""
        return [row for row in self._rows({}, "record_tag", record_tags) if row.kind in kinds]

    def list_rows(
        self,
        *,
        log: int | None,
        kinds: Sequence[int] | None,
        states: Sequence[int] | None,
        subject_tag: bytes | None = None,
        after: tuple[int, int] | None,
        limit: int,
    ) -> Sequence[StatementRow]:
        """See `ReadSession.list_rows`."""
        c = schema.statements.c
        query = select(schema.statements).order_by(c.log, c.idx).limit(limit)
        if log is not None:
            query = query.where(c.log == log)
        if kinds is not None:
            query = query.where(c.kind.in_(kinds))
        if states is not None:
            query = query.where(c.state.in_(states))
        if subject_tag is not None:
            query = query.where(c.subject_tag == subject_tag)
        if after is not None:
            query = query.where(tuple_(c.log, c.idx) > tuple_(*after))
        return [StatementRow._make(row) for row in self._connection.execute(query)]

    def count_states(self, log: int) -> dict[tuple[int, int, str], int]:
        """See `ReadSession.count_states`."""
        c = schema.statements.c
        query = (
            select(c.kind, c.state, c.rule, func.count())
            .where(c.log == log)
            .group_by(c.kind, c.state, c.rule)
        )
        rows = self._connection.execute(query)
        return {(kind, state, rule): number for kind, state, rule, number in rows}

    def set_aside(self, log: int) -> Sequence[StatementRow]:
        """See `ReadSession.set_aside`."""
        c = schema.statements.c
        query = select(schema.statements).where(c.log == log, schema.SET_ASIDE_ONLY)
        return [StatementRow._make(row) for row in self._connection.execute(query.order_by(c.idx))]

    def header_states(self, log: int, size: int) -> Iterator[tuple[int, int]]:
        """See `ReadSession.header_states`; asks as it goes, so read it within the session."""
        columns = ("idx", "kind", "header_state")
        for start in range(0, size, _STREAM_STEP):
            end = min(start + _STREAM_STEP, size)
            rows = self._bulk.select_between(columns, schema.statements, log, start, end)
            yield from ((index, state) for index, kind, state in rows if kind == Kind.LISTING)

    def relieved(self, limit: int) -> Sequence[StatementRow]:
        """See `ReadSession.relieved`."""
        c = schema.statements.c
        query = select(schema.statements).where(schema.RELIEVED_ONLY)
        rows = self._connection.execute(query.order_by(c.log, c.idx).limit(limit))
        return [StatementRow._make(row) for row in rows]

    def expired(self, today: int, limit: int) -> Sequence[StatementRow]:
        """See `ReadSession.expired`."""
        c = schema.statements.c
        query = select(schema.statements).where(
            c.opening == int(OpeningStatus.PRESENT),
            c.kind.in_([int(kind) for kind in LISTED_KINDS]),
            c.until > 0,
            c.until < today,
        )
        rows = self._connection.execute(query.order_by(c.log, c.idx).limit(limit))
        return [StatementRow._make(row) for row in rows]

    def outcomes(self, log: int) -> Iterator[tuple[int, int, int, int, int]]:
        """See `ReadSession.outcomes`; asks as it goes, so read it within the session."""
        columns = ("idx", "kind", "state", "opening", "until")
        last = self._connection.execute(
            select(func.max(schema.statements.c.idx)).where(schema.statements.c.log == log)
        ).scalar_one()
        for start in range(0, 0 if last is None else last + 1, _STREAM_STEP):
            end = start + _STREAM_STEP
            rows = self._bulk.select_between(columns, schema.statements, log, start, end)
            yield from rows  # type: ignore[misc]  # tuples of the five columns

    def pending(self, log: int | None, limit: int) -> Sequence[tuple[int, int]]:
        """See `ReadSession.pending`; in the order (log, index)."""
        c = schema.statements.c
        query = select(c.log, c.idx).where(schema.PENDING_ONLY).order_by(c.log, c.idx).limit(limit)
        if log is not None:
            query = query.where(c.log == log)
        return [(row.log, row.idx) for row in self._connection.execute(query)]

    def audience(self, number: int) -> Audience:
        """See `ReadSession.audience`.

        Raises:
            KeyError: no audience has this number.
        """
        if number not in self._audiences:
            c = schema.audiences.c
            query = select(c.encoded).where(c.number == number)
            encoded = self._connection.execute(query).scalar_one_or_none()
            if encoded is None:
                message = f"no audience has the number {number}"
                raise KeyError(message)
            self._audiences[number] = decode_audience(encoded)
        return self._audiences[number]

    def has_suppressions(self) -> bool:
        """See `ReadSession.has_suppressions`."""
        query = select(schema.suppressions.c.tag).limit(1)
        return self._connection.execute(query).first() is not None

    def suppressed(self, tags: Sequence[bytes]) -> set[bytes]:
        """See `ReadSession.suppressed`."""
        rows = self._bulk.select(("tag",), schema.suppressions, {}, "tag", tags)
        return {tag for (tag,) in rows}

    def journal(self, after: int, limit: int) -> Sequence[tuple[int, JournalEntry]]:
        """See `ReadSession.journal`."""
        c = schema.journal.c
        query = select(schema.journal).where(c.seq > after).order_by(c.seq).limit(limit)
        return [(row.seq, entry_from_row(row)) for row in self._connection.execute(query)]

    def feed_rows(self, feed: str, row_tags: Sequence[bytes] | None) -> Sequence[FeedRow]:
        """See `ReadSession.feed_rows`."""
        columns = names_of(schema.feed_rows)
        if row_tags is None:
            rows = self._bulk.select(columns, schema.feed_rows, {}, "feed", [feed])
        else:
            fixed = {"feed": feed}
            rows = self._bulk.select(columns, schema.feed_rows, fixed, "row_tag", row_tags)
        return [FeedRow(**dict(zip(columns, row, strict=True))) for row in rows]

    def request(self, request_id: str) -> bytes | None:
        """See `ReadSession.request`."""
        c = schema.requests.c
        query = select(c.answer).where(c.request_id == request_id)
        return self._connection.execute(query).scalar_one_or_none()

    def forks(self) -> Sequence[tuple[Origin, bytes]]:
        """See `ReadSession.forks`; the oldest first."""
        rows = self._connection.execute(select(schema.forks).order_by(schema.forks.c.seq))
        return [(Origin(row.origin), row.file) for row in rows]

    def redeliveries(self, log: int, limit: int) -> Sequence[int]:
        """See `ReadSession.redeliveries`; by index."""
        c = schema.redeliveries.c
        query = select(c.idx).where(c.log == log).order_by(c.idx).limit(limit)
        return list(self._connection.execute(query).scalars())

    def _rows(
        self, fixed: Mapping[str, object], column: str, values: Sequence[object]
    ) -> list[StatementRow]:
        rows = self._bulk.select(_ROW, schema.statements, fixed, column, values)
        return list(map(StatementRow._make, rows))


def _by_log(places: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    """Group (log, index) places, because a set-based question is about one log."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for log, index in sorted(places, key=itemgetter(0)):
        grouped[log].append(index)
    return grouped
