"""Write sessions: what a read session has, and the changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.errors import ConflictError
from adapters.sql import heard_tables, notice_tables, outlet_tables, schema
from adapters.sql.bulk import Bulk, key_of
from adapters.sql.campaigns import CampaignChanges
from adapters.sql.findings import FindingChanges
from adapters.sql.first_notes import FirstNoteChanges
from adapters.sql.known import Known
from adapters.sql.letters import LetterChanges
from adapters.sql.name_tables import attested_names
from adapters.sql.notices import NoticeChanges
from adapters.sql.outlets import OutletChanges
from adapters.sql.prepared import Prepared
from adapters.sql.rows import HEAD_CHANGES, encode_audience, head_to_row
from adapters.sql.sessions import ENTRIES, SqlReadSession
from adapters.sql.shares import ShareChanges
from adapters.sql.tags import TagChanges
from crypto.merkle import EMPTY_ROOT, HASH_SIZE
from crypto.tiles import MAX_LEVEL, TILE_HEIGHT, TILE_WIDTH
from federation.ids import Origin, Timestamp
from federation.payloads import Audience
from federation.ports.findings import Place
from federation.ports.store import FeedRow, LogHead, StoredOpening
from federation.rows import StatementRow

_OF_LEAVES: Final = (
    schema.statements,
    schema.openings,
    schema.redeliveries,
    schema.findings,
    schema.attestations,
    attested_names,
    schema.due,
    schema.untold,
    outlet_tables.waiting,
    outlet_tables.demands,
    heard_tables.lifted,
    notice_tables.notices,
    notice_tables.notices_due,
)
"""Tables of what was derived from leaves, or came with them."""

_SET_HEAD: Final = Prepared(
    update(schema.logs)
    .where(schema.logs.c.log == bindparam("number"))
    .values({name: bindparam(name) for name in HEAD_CHANGES})
)
_key_of_row: Final = itemgetter(*map(FeedRow._fields.index, key_of(schema.feed_rows)))


class SqlWriteSession(
    CampaignChanges,
    FindingChanges,
    FirstNoteChanges,
    LetterChanges,
    NoticeChanges,
    OutletChanges,
    ShareChanges,
    TagChanges,
    SqlReadSession,
):
    """`federation.ports.store.WriteSession` inside the transaction of the store's only writer."""

    def __init__(self, connection: Connection, bulk: Bulk, known: Known) -> None:
        """Write over a connection and its bulk paths, knowing what the writer knows."""
        super().__init__(connection, bulk)
        self._known = known
        self._unlisted: set[bytes] = set()
        """Tags of records that were asked for in this session, and of which there is no row."""

    def rows_by_record(
        self, record_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """See `ReadSession.rows_by_record`; what is known to be of nothing is not asked again."""
        asked = [tag for tag in record_tags if tag not in self._unlisted]
        rows = self._rows({}, "tag", asked)
        self._unlisted.update(asked)
        self._unlisted.difference_update([row.tag for row in rows if row.tag is not None])
        return [row for row in rows if row.kind in kinds]

    def listings_of(self, record_tags: Sequence[bytes]) -> Sequence[tuple[bytes, Place]]:
        """See `FindingReads.listings_of`; likewise."""
        return super().listings_of([tag for tag in record_tags if tag not in self._unlisted])

    def heads(self) -> Sequence[LogHead]:
        """See `ReadSession.heads`."""
        return list(self._by_origin().values())

    def head(self, origin: Origin) -> LogHead | None:
        """See `ReadSession.head`."""
        return self._by_origin().get(origin)

    def _by_origin(self) -> dict[Origin, LogHead]:
        if self._known.heads is None:
            self._known.heads = {head.origin: head for head in super().heads()}
        return self._known.heads

    def add_log(self, origin: Origin, *, ours: bool) -> LogHead:
        """See `WriteSession.add_log`."""
        head = self.head(origin)
        if head is not None:
            return head
        self._connection.execute(
            insert(schema.logs).values(
                origin=origin,
                ours=ours,
                size=0,
                applied_to=0,
                reconciled_to=0,
                delivered_to=0,
                receipted_to=0,
                note=b"",
                note_size=0,
                witnessed_size=0,
                witnessed_root=EMPTY_ROOT,
                seen=b"",
            )
        )
        self._known.heads = None
        return self._existing(origin)

    def set_head(self, head: LogHead) -> None:
        """See `WriteSession.set_head`; `forked` is not taken from here but from `put_fork`.

        Raises:
            ConflictError: there is no such log.
        """
        changed = {"number": head.log, **head_to_row(head)}
        if self._bulk.change(_SET_HEAD, [changed]) != 1:
            message = f"{head.origin}: expected a log of number {head.log} in the database"
            raise ConflictError(message)
        self._known.set_head(head)

    def put_tiles(self, log: int, level: int, tiles: dict[int, bytes]) -> None:
        """See `WriteSession.put_tiles`."""
        if tiles:
            self._bulk.put_tiles([(log, level, n, data) for n, data in tiles.items()])

    def replace_tile(self, log: int, level: int, number: int, data: bytes) -> None:
        """See `WriteSession.replace_tile`."""
        self._bulk.delete(schema.tiles, {"log": log, "level": level}, "n", [number])
        self._bulk.put_tiles([(log, level, number, data)])

    def set_back(self, head: LogHead, size: int) -> None:
        """See `WriteSession.set_back`."""
        log, count = head.log, size >> TILE_HEIGHT
        self._drop_tiles(log, ENTRIES, count)
        for level in range(MAX_LEVEL + 1):
            count = size >> TILE_HEIGHT * level
            number, width = divmod(count, TILE_WIDTH)
            kept = self.tiles(log, level, [number])[0][: width * HASH_SIZE] if width else b""
            if not self._drop_tiles(log, level, number):
                break
            if kept:
                self._bulk.put_tiles([(log, level, number, kept)])
        self._tally_cut(log, size)
        for table in _OF_LEAVES:
            self._connection.execute(delete(table).where(table.c.log == log, table.c.idx >= size))
        said, told = heard_tables.heard.c, heard_tables.heard_to.c
        self._connection.execute(
            delete(heard_tables.heard).where(said.speaker == log, said.place >= size)
        )
        self._connection.execute(
            update(heard_tables.heard_to)
            .where(told.log == log, told.heard_to > size)
            .values(heard_to=size)
        )
        noticed = notice_tables.notice_cursors
        self._connection.execute(
            update(noticed)
            .where(noticed.c.log == log, noticed.c.noticed_to > size)
            .values(noticed_to=size)
        )
        cursors = outlet_tables.outlet_cursors
        self._connection.execute(
            update(cursors)
            .where(cursors.c.log == log, cursors.c.handed_to > size)
            .values(handed_to=size)
        )
        self.set_head(
            replace(
                head,
                size=size,
                applied_to=size,
                reconciled_to=min(head.reconciled_to, size),
                delivered_to=min(head.delivered_to, size),
                receipted_to=min(head.receipted_to, size),
                note=b"",
                note_size=0,
                seen=b"\0".join(filter(None, (head.note, head.seen))),
            )
        )

    def _drop_tiles(self, log: int, level: int, first: int) -> int:
        """Delete the tiles of a level from a number on; how many there were."""
        c = schema.tiles.c
        dropped = delete(schema.tiles).where(c.log == log, c.level == level, c.n >= first)
        return self._connection.execute(dropped).rowcount

    def put_openings(self, log: int, openings: Sequence[StoredOpening]) -> None:
        """See `WriteSession.put_openings`."""
        if openings:
            rows = [(log, o.index, o.key, o.sealed) for o in openings]
            self._bulk.insert_absent(schema.openings, rows)

    def replace_openings(self, log: int, openings: Sequence[StoredOpening]) -> None:
        """See `WriteSession.replace_openings`."""
        if openings:
            rows = [(log, o.index, o.key, o.sealed) for o in openings]
            self._bulk.upsert(schema.openings, rows)

    def erase_openings(self, log: int, indices: Sequence[int]) -> None:
        """See `WriteSession.erase_openings`."""
        for table in (schema.openings, schema.attestations, attested_names):
            self._bulk.delete(table, {"log": log}, "idx", indices)

    def insert_rows(self, rows: Sequence[StatementRow]) -> None:
        """See `WriteSession.insert_rows`.

        Raises:
            ConflictError: a leaf has a row already.
        """
        if rows:
            self._unlisted.clear()
            self._bulk.insert(schema.statements, rows)
            self._tally_new(rows)

    def replace_rows(self, rows: Sequence[StatementRow]) -> None:
        """See `WriteSession.replace_rows`.

        Raises:
            ConflictError: a leaf has no row.
        """
        if not rows:
            return
        self._unlisted.clear()
        self._tally_changed(rows)
        found = self._bulk.replace(schema.statements, rows)
        if found != len(rows):
            message = f"expected {len(rows)} rows to replace, found {found}"
            raise ConflictError(message)

    def retag(self, tags: Mapping[bytes, bytes]) -> None:
        """See `TagWrites.retag`."""
        self._unlisted.clear()
        super().retag(tags)

    def audience_number(self, audience: Audience) -> int:
        """See `WriteSession.audience_number`."""
        number = self._known.audiences.get(audience)
        if number is None:
            number = self._audience_number(audience)
            self._known.set_audience(audience, number)
        return number

    def _audience_number(self, audience: Audience) -> int:
        digest, encoded = encode_audience(audience)
        c = schema.audiences.c
        query = select(c.number).where(c.digest == digest)
        number: int | None = self._connection.execute(query).scalar_one_or_none()
        if number is not None:
            return number
        self._connection.execute(insert(schema.audiences).values(digest=digest, encoded=encoded))
        return int(self._connection.execute(query).scalar_one())

    def put_feed_rows(self, rows: Sequence[FeedRow]) -> None:
        """See `WriteSession.put_feed_rows`."""
        if rows:
            # In the order of their keys, so that neighbours find their page at hand.
            self._bulk.upsert(schema.feed_rows, sorted(rows, key=_key_of_row))

    def put_request(self, request_id: str, answer: bytes, at: Timestamp) -> None:
        """See `WriteSession.put_request`; the first answer stays.

        A second one would tell two callers two things.
        """
        self._bulk.insert_absent(schema.requests, [(request_id, answer, at)])

    def put_fork(self, origin: Origin, file: bytes) -> None:
        """See `WriteSession.put_fork`; the same file is kept once."""
        c = schema.forks.c
        query = select(c.seq).where(c.origin == origin, c.file == file)
        if self._connection.execute(query).first() is None:
            self._connection.execute(insert(schema.forks).values(origin=origin, file=file))
            self._known.heads = None

    def put_redeliveries(self, places: Sequence[tuple[int, int]]) -> None:
        """See `WriteSession.put_redeliveries`."""
        if not places:
            return
        delivered = {head.log: head.delivered_to for head in self.heads()}
        again = [(log, index) for log, index in places if index < delivered.get(log, 0)]
        if again:
            self._bulk.insert_absent(schema.redeliveries, again)

    def clear_redeliveries(self, log: int, indices: Sequence[int]) -> None:
        """See `WriteSession.clear_redeliveries`."""
        self._bulk.delete(schema.redeliveries, {"log": log}, "idx", indices)

    def put_read_by(self, digest: bytes) -> None:
        """See `WriteSession.put_read_by`."""
        self._connection.execute(delete(schema.read_by))
        self._connection.execute(insert(schema.read_by).values(digest=digest))

    def drop_rows(self) -> None:
        """See `WriteSession.drop_rows`; audiences are numbered anew with the rows."""
        self._connection.execute(delete(schema.statements))
        self._tally_none()
        self._connection.execute(delete(schema.audiences))
        self._connection.execute(delete(heard_tables.heard))
        self._connection.execute(delete(heard_tables.heard_to))
        self._connection.execute(delete(notice_tables.notice_cursors))
        self._connection.execute(delete(notice_tables.notices_due))
        self._connection.execute(update(schema.logs).values(applied_to=0))
        self._audiences.clear()
        self._known.forget()

    def reconcile_anew(self) -> None:
        """See `FindingWrites.reconcile_anew`."""
        super().reconcile_anew()
        self._known.heads = None

    def _existing(self, origin: Origin) -> LogHead:
        head = self.head(origin)
        if head is None:
            message = f"{origin}: expected the log just added"
            raise ConflictError(message)
        return head
