"""A change of the lookup key: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, func, insert, select, tuple_, update

from adapters.sql import schema
from adapters.sql.lookup_tables import next_tags, tagged_under
from adapters.sql.name_tables import attested_names
from adapters.sql.row_questions import RowQuestions
from adapters.sql.rows import entry_to_row
from federation.ports.journal import JournalEntry
from federation.ports.retagging import NextTag, Place
from federation.ports.store import FeedRowStatus
from federation.record_key import RECORD_PART_SIZE, SUBJECT_TAG_SIZE
from federation.rows import StatementRow

_FIRST: Final = 1
_n, _s = next_tags.c, schema.statements.c
_KNOWN: Final = and_(_n.log == _s.log, _n.idx == _s.idx, _n.former == _s.tag)
_SUBJECT: Final = func.substr(_n.former, 1, SUBJECT_TAG_SIZE)
_PART: Final = func.substr(_n.former, SUBJECT_TAG_SIZE + 1, RECORD_PART_SIZE)


class RetagQuestions(RowQuestions):
    """`federation.ports.retagging.RetagReads` inside a transaction that the store began."""

    def tagged_under(self) -> tuple[int, bool]:
        """See `RetagReads.tagged_under`."""
        row = self._connection.execute(select(tagged_under)).one_or_none()
        return (_FIRST, False) if row is None else (row.number, bool(row.ready))

    def untagged(self, after: Place, limit: int) -> Sequence[StatementRow]:
        """See `RetagReads.untagged`."""
        query = (
            select(schema.statements)
            .outerjoin(next_tags, _KNOWN)
            .where(_s.tag.is_not(None), _n.log.is_(None), tuple_(_s.log, _s.idx) > tuple_(*after))
            .order_by(_s.log, _s.idx)
            .limit(limit)
        )
        return [StatementRow._make(row) for row in self._connection.execute(query)]

    def next_tags(self, places: Collection[Place]) -> Sequence[NextTag]:
        """See `RetagReads.next_tags`."""
        by_log: dict[int, list[int]] = {}
        for log, idx in sorted(set(places)):
            by_log.setdefault(log, []).append(idx)
        columns = ("log", "idx", "former", "tag", "sourced")
        return [
            NextTag(log, idx, former, tag, bool(sourced))
            for number, indices in by_log.items()
            for log, idx, former, tag, sourced in self._bulk.select(
                columns, next_tags, {"log": number}, "idx", indices
            )
        ]

    def next_parts(self, parts: Collection[bytes]) -> Mapping[bytes, bytes]:
        """See `RetagReads.next_parts`."""
        if not parts:
            return {}
        query = select(_n.former, _n.tag).where(_n.sourced == 1, _PART.in_(sorted(parts)))
        return {
            row.former[SUBJECT_TAG_SIZE:]: row.tag[SUBJECT_TAG_SIZE:]
            for row in self._connection.execute(query)
        }

    def count_next_tags(self) -> int:
        """See `RetagReads.count_next_tags`."""
        return self._connection.execute(select(func.count()).select_from(next_tags)).scalar_one()

    def twins_held(self) -> Sequence[tuple[bytes, int, int, bytes, bytes]]:
        """See `RetagReads.twins_held`."""
        c = schema.twins.c
        query = select(c.tag, c.log, c.idx, c.record, c.subject).order_by(c.tag, c.log, c.idx)
        return [tuple(row) for row in self._connection.execute(query)]

    def names_held(self) -> Sequence[tuple[Place, bytes]]:
        """See `RetagReads.names_held`."""
        c = attested_names.c
        rows = self._connection.execute(select(attested_names).order_by(c.log, c.idx))
        return [((row.log, row.idx), row.tag) for row in rows]

    def feed_rows_forgotten(self, feed: str) -> Sequence[bytes]:
        """See `RetagReads.feed_rows_forgotten`."""
        c = schema.feed_rows.c
        query = select(c.statement_id).where(c.feed == feed, c.status == FeedRowStatus.FORGOTTEN)
        return self._connection.execute(query).scalars().all()


class RetagChanges(RetagQuestions):
    """`federation.ports.retagging.RetagWrites` inside the transaction of the only writer."""

    def put_tagged_under(self, number: int, *, ready: bool) -> None:
        """See `RetagWrites.put_tagged_under`."""
        self._connection.execute(delete(tagged_under))
        values = {"number": number, "ready": int(ready)}
        self._connection.execute(insert(tagged_under).values(values))

    def put_next_tags(self, tags: Sequence[NextTag]) -> None:
        """See `RetagWrites.put_next_tags`."""
        if tags:
            self._bulk.upsert(next_tags, [(*one[:4], int(one.sourced)) for one in tags])

    def drop_next_tags(self) -> None:
        """See `RetagWrites.drop_next_tags`."""
        self._connection.execute(delete(next_tags))

    def drop_split_tags(self) -> int:
        """See `RetagWrites.drop_split_tags`."""
        new_subject = func.substr(_n.tag, 1, SUBJECT_TAG_SIZE)
        subjects = (
            select(_SUBJECT).group_by(_SUBJECT).having(func.count(new_subject.distinct()) > 1)
        )
        records = select(_SUBJECT).group_by(_n.former).having(func.count(_n.tag.distinct()) > 1)
        split = {
            subject
            for query in (subjects, records)
            for subject in self._connection.execute(query).scalars()
        }
        dropped = 0
        for subject in sorted(split):
            gone = delete(next_tags).where(_n.sourced == 0, subject == _SUBJECT)
            dropped += self._connection.execute(gone).rowcount
        return dropped

    def take_next_tags(self) -> None:
        """See `RetagWrites.take_next_tags`."""
        new = select(_n.tag).where(_KNOWN).scalar_subquery()
        self._connection.execute(
            update(schema.statements).where(_s.tag.is_not(None)).values(tag=new)
        )
        self.drop_next_tags()

    def put_twin_tags(self, twins: Sequence[tuple[bytes, int, int, bytes, bytes]]) -> None:
        """See `RetagWrites.put_twin_tags`."""
        c = schema.twins.c
        change = (
            update(schema.twins)
            .where(c.tag == bindparam("t"), c.log == bindparam("l"), c.idx == bindparam("i"))
            .values(record=bindparam("r"), subject=bindparam("s"))
        )
        if twins:
            values = [dict(zip("tlirs", twin, strict=True)) for twin in twins]
            self._connection.execute(change, values)

    def drop_names(self, places: Sequence[Place]) -> None:
        """See `RetagWrites.drop_names`."""
        for log, idx in places:
            self._bulk.delete(attested_names, {"log": log}, "idx", [idx])

    def drop_feed_rows(self, feed: str, row_tags: Sequence[bytes]) -> None:
        """See `RetagWrites.drop_feed_rows`."""
        self._bulk.delete(schema.feed_rows, {"feed": feed}, "row_tag", list(row_tags))

    def replace_entries(self, entries: Sequence[tuple[int, JournalEntry]]) -> None:
        """See `RetagWrites.replace_entries`."""
        change = (
            update(schema.journal)
            .where(schema.journal.c.seq == bindparam("number"))
            .values(tag=bindparam("t"), body=bindparam("b"))
        )
        values: list[dict[str, Any]] = []
        for number, entry in entries:
            row = entry_to_row(entry)
            values.append({"number": number, "t": row["tag"], "b": row["body"]})
        if values:
            self._connection.execute(change, values)
