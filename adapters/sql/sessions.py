"""Read sessions over one connection.

`row_questions.py` holds what is asked of derived rows, `writing.py` what a write session may do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, bindparam, exists, select, text, tuple_

from adapters.sql import schema
from adapters.sql.bulk import Bulk, names_of
from adapters.sql.campaigns import CampaignQuestions
from adapters.sql.findings import FindingQuestions
from adapters.sql.first_notes import FirstNoteQuestions
from adapters.sql.known import Seen
from adapters.sql.letters import LetterQuestions
from adapters.sql.notices import NoticeQuestions
from adapters.sql.outlets import OutletQuestions
from adapters.sql.prepared import Prepared
from adapters.sql.rows import HEAD_COLUMNS, decode_audience, entry_from_row, head_from_row
from adapters.sql.seeking import SeekQuestions
from adapters.sql.shares import ShareQuestions
from adapters.sql.tags import TagQuestions
from crypto.merkle import HASH_SIZE
from crypto.tiles import TILE_WIDTH, parse_entry_tile
from federation.ids import Origin
from federation.payloads import Audience
from federation.ports.journal import JournalEntry
from federation.ports.store import FeedRow, LogHead, StoredOpening
from federation.rows import by_log

T = TypeVar("T")

ENTRIES: Final = -1
"""Level under which entry tiles are kept."""

_HEADS: Final = (
    f"SELECT {HEAD_COLUMNS}, "  # noqa: S608 - names of our schema
    "EXISTS (SELECT 1 FROM forks WHERE forks.origin = logs.origin) FROM logs"
)
_ALL_HEADS: Final = Prepared(text(f"{_HEADS} ORDER BY ours DESC, log"))
_HEAD: Final = Prepared(text(f"{_HEADS} WHERE origin = :origin"))
_AUDIENCE: Final = Prepared(
    select(schema.audiences.c.encoded).where(schema.audiences.c.number == bindparam("asked"))
)
_ANSWER: Final = Prepared(
    select(schema.requests.c.answer).where(schema.requests.c.request_id == bindparam("asked"))
)


class SqlReadSession(
    CampaignQuestions,
    FindingQuestions,
    FirstNoteQuestions,
    LetterQuestions,
    NoticeQuestions,
    OutletQuestions,
    SeekQuestions,
    ShareQuestions,
    TagQuestions,
):
    """`federation.ports.store.ReadSession` inside a transaction that the store began.

    Used by one thread at a time, and not after the store's context has ended.
    """

    def __init__(self, connection: Connection, bulk: Bulk, seen: Seen | None = None) -> None:
        """Read over a connection and its bulk paths.

        Args:
            connection: in a transaction.
            bulk: paths over it.
            seen: what the connection saw before; None where it may write as well.
        """
        super().__init__(connection, bulk)
        self._seen = seen
        self._audiences: dict[int, Audience] = {}

    def heads(self) -> Sequence[LogHead]:
        """See `ReadSession.heads`."""
        return list(self.seen("heads", self._ask_heads))

    def seen(self, what: str, make: Callable[[], T]) -> T:
        """See `ReadSession.seen`."""
        if self._seen is None:
            return make()
        return self._seen.see(self._bulk.snapshot_mark(), what, make)

    def unformed(self) -> dict[int, int]:
        """See `TagReads.unformed`."""
        return dict(self.seen("unformed", super().unformed))

    def _ask_heads(self) -> Sequence[LogHead]:
        return list(map(head_from_row, self._bulk.ask(_ALL_HEADS)))

    def head(self, origin: Origin) -> LogHead | None:
        """See `ReadSession.head`."""
        for row in self._bulk.ask(_HEAD, {"origin": origin}):
            return head_from_row(row)
        return None

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

    def leaves_at(self, places: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """See `ReadSession.leaves_at`.

        Raises:
            KeyError: a place is beyond the size held.
        """
        tiles = {at: parse_entry_tile(data) for at, data in self._tiles_of(places, ENTRIES).items()}
        leaves: list[bytes] = []
        for log, index in places:
            number, place = divmod(index, TILE_WIDTH)
            entries = tiles[log, number]
            if place >= len(entries):
                message = f"log {log}: leaf {index} is not stored"
                raise KeyError(message)
            leaves.append(entries[place])
        return leaves

    def leaf_hashes(self, places: Sequence[tuple[int, int]]) -> Sequence[bytes]:
        """See `ReadSession.leaf_hashes`.

        Raises:
            KeyError: a place is beyond the size held.
        """
        tiles = self._tiles_of(places, 0)
        hashes: list[bytes] = []
        for log, index in places:
            number, place = divmod(index, TILE_WIDTH)
            leaf_hash = tiles[log, number][place * HASH_SIZE : (place + 1) * HASH_SIZE]
            if not leaf_hash:
                message = f"log {log}: leaf {index} is not stored"
                raise KeyError(message)
            hashes.append(leaf_hash)
        return hashes

    def _tiles_of(
        self, places: Sequence[tuple[int, int]], level: int
    ) -> dict[tuple[int, int], bytes]:
        """The tiles in which leaves lie, each read once, by log and number."""
        found: dict[tuple[int, int], bytes] = {}
        for log, indices in by_log(places).items():
            numbers = sorted({index // TILE_WIDTH for index in indices})
            for number, data in zip(numbers, self.tiles(log, level, numbers), strict=True):
                found[log, number] = data
        return found

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

    def sealed_below(
        self, key: int, after: tuple[int, int], limit: int
    ) -> Sequence[tuple[int, int]]:
        """See `ReadSession.sealed_below`."""
        c = schema.openings.c
        query = (
            select(c.log, c.idx)
            .where(tuple_(c.log, c.idx) > tuple_(*after), c.key < key)
            .order_by(c.log, c.idx)
            .limit(limit)
        )
        return [(row.log, row.idx) for row in self._connection.execute(query)]

    def audience(self, number: int) -> Audience:
        """See `ReadSession.audience`.

        Raises:
            KeyError: no audience has this number.
        """
        if number not in self._audiences:
            found = self._bulk.ask(_AUDIENCE, {"asked": number})
            if not found:
                message = f"no audience has the number {number}"
                raise KeyError(message)
            self._audiences[number] = decode_audience(found[0][0])
        return self._audiences[number]

    def journal(self, after: int, limit: int) -> Sequence[tuple[int, JournalEntry]]:
        """See `ReadSession.journal`."""
        c = schema.journal.c
        query = select(schema.journal).where(c.seq > after).order_by(c.seq).limit(limit)
        return [(row.seq, entry_from_row(row)) for row in self._connection.execute(query)]

    def last_entry(self, kind: str) -> JournalEntry | None:
        """See `ReadSession.last_entry`."""
        c = schema.journal.c
        query = select(schema.journal).where(c.kind == kind).order_by(c.seq.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else entry_from_row(row)

    def entries(self, kind: str) -> Sequence[tuple[int, JournalEntry]]:
        """See `ReadSession.entries`."""
        c = schema.journal.c
        query = select(schema.journal).where(c.kind == kind).order_by(c.seq)
        return [(row.seq, entry_from_row(row)) for row in self._connection.execute(query)]

    def feed_rows(self, feed: str, row_tags: Sequence[bytes] | None) -> Sequence[FeedRow]:
        """See `ReadSession.feed_rows`."""
        columns = names_of(schema.feed_rows)
        if row_tags is None:
            rows = self._bulk.select(columns, schema.feed_rows, {}, "feed", [feed])
        else:
            fixed = {"feed": feed}
            rows = self._bulk.select(columns, schema.feed_rows, fixed, "row_tag", row_tags)
        return list(map(FeedRow._make, rows))

    def request(self, request_id: str) -> bytes | None:
        """See `ReadSession.request`."""
        for (answer,) in self._bulk.ask(_ANSWER, {"asked": request_id}):
            return bytes(answer)
        return None

    def forks(self) -> Sequence[tuple[Origin, bytes]]:
        """See `ReadSession.forks`; the oldest first."""
        rows = self._connection.execute(select(schema.forks).order_by(schema.forks.c.seq))
        return [(Origin(row.origin), row.file) for row in rows]

    def to_deliver_again(self) -> frozenset[int]:
        """See `ReadSession.to_deliver_again`."""
        c = schema.redeliveries.c
        return self._logs_with(exists().where(c.log == schema.logs.c.log))

    def redeliveries(self, log: int, limit: int) -> Sequence[int]:
        """See `ReadSession.redeliveries`; by index."""
        c = schema.redeliveries.c
        query = select(c.idx).where(c.log == log).order_by(c.idx).limit(limit)
        return list(self._connection.execute(query).scalars())
