"""Tags of relieved records: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, LargeBinary, bindparam, delete, func, insert, select, update

from adapters.sql import schema
from adapters.sql.prepared import Prepared
from adapters.sql.retagging import RetagChanges, RetagQuestions
from adapters.sql.row_questions import tags_of
from adapters.sql.rows import entry_to_row
from federation.ports.journal import (
    JournalEntry,
    TagLifted,
    TagSet,
    ToldApart,
    TwinLifted,
    TwinSet,
)
from federation.ports.tags import Twin
from federation.record_key import SUBJECT_TAG_SIZE
from federation.rows import State, StatementRow

_ANY_SUPPRESSIONS = Prepared(select(schema.suppressions.c.tag).limit(1))
_ANY_FORMER = Prepared(select(schema.suppressions.c.tag).where(schema.FORMER_ONLY).limit(1))
_ANY_TWINS = Prepared(select(schema.twins.c.tag).limit(1))
_UNFORMED = Prepared(select(schema.unformed.c.log, schema.unformed.c.formed_to))
_ENTRY: dict[str, BindParameter[Any]] = {
    c.name: bindparam(c.name) for c in schema.journal.c if not c.primary_key
}
_STREAMED = 8192
"""Rows held at once of what is read through."""
_ENTER = Prepared(insert(schema.journal).values(_ENTRY))
_Relief = tuple[bytes, int, int]
"""A tag, and the relief (log, index) that set it."""


class TagQuestions(RetagQuestions):
    """`federation.ports.tags.TagReads` inside a transaction that the store began."""

    def has_suppressions(self) -> bool:
        """See `TagReads.has_suppressions`."""
        return bool(self._bulk.ask(_ANY_SUPPRESSIONS))

    def has_former_suppressions(self) -> bool:
        """See `TagReads.has_former_suppressions`."""
        return bool(self._bulk.ask(_ANY_FORMER))

    def suppressed(self, tags: Sequence[bytes]) -> Mapping[bytes, Sequence[tuple[int, int]]]:
        """See `TagReads.suppressed`."""
        rows = self._bulk.select(("tag", "log", "idx"), schema.suppressions, {}, "tag", tags)
        found: dict[bytes, list[tuple[int, int]]] = {}
        for tag, log, index in sorted(rows):
            found.setdefault(tag, []).append((log, index))
        return found

    def suppressed_until(self, tags: Sequence[bytes]) -> Mapping[tuple[bytes, int, int], int]:
        """See `TagReads.suppressed_until`."""
        columns = ("tag", "log", "idx", "until")
        rows = self._bulk.select(columns, schema.suppressions, {}, "tag", tags)
        return {(tag, log, index): until for tag, log, index, until in rows}

    def has_twins(self) -> bool:
        """See `TagReads.has_twins`."""
        return bool(self._bulk.ask(_ANY_TWINS))

    def twins_of(self, subject_tags: Collection[bytes]) -> Sequence[Twin]:
        """See `TagReads.twins_of`."""
        asked = list(subject_tags)
        rows = self._bulk.select(Twin._fields, schema.twins, {}, "subject", asked)
        return list(map(Twin._make, rows))

    def twin_records(self) -> Sequence[bytes]:
        """See `TagReads.twin_records`."""
        query = select(schema.twins.c.record).distinct()
        return self._connection.execute(query).scalars().all()

    def told_apart(self, pairs: Sequence[bytes]) -> set[bytes]:
        """See `TagReads.told_apart`."""
        fixed = {"kind": ToldApart.KIND}
        return {
            pair for (pair,) in self._bulk.select(("tag",), schema.journal, fixed, "tag", pairs)
        }

    def rows_by_subject(
        self, subject_tags: Sequence[bytes], kinds: Sequence[int]
    ) -> Sequence[StatementRow]:
        """See `TagReads.rows_by_subject`."""
        ranges = [tags_of(tag) for tag in dict.fromkeys(subject_tags)]
        rows = self._bulk.select_ranges(StatementRow._fields, schema.statements, "tag", ranges)
        return [row for row in map(StatementRow._make, rows) if row.kind in kinds]

    def active_subjects(self, kinds: Sequence[int]) -> Iterator[bytes]:
        """See `TagReads.active_subjects`."""
        c = schema.statements.c
        subject = func.substr(c.tag, 1, SUBJECT_TAG_SIZE, type_=LargeBinary)
        query = select(subject).where(
            c.state == int(State.ACTIVE), c.kind.in_(list(kinds)), c.tag.is_not(None)
        )
        # Of the statement: those of a connection stay, and it writes as well.
        return map(bytes, self._connection.scalars(query.execution_options(yield_per=_STREAMED)))

    def rows_of_rule(self, rule: str) -> Sequence[StatementRow]:
        """See `TagReads.rows_of_rule`."""
        c = schema.statements.c
        query = select(schema.statements).where(c.rule == rule).order_by(c.log, c.idx)
        return [StatementRow._make(row) for row in self._connection.execute(query)]

    def unformed(self) -> dict[int, int]:
        """See `TagReads.unformed`."""
        return dict(self._bulk.ask(_UNFORMED))

    def feeds(self) -> Sequence[str]:
        """See `TagReads.feeds`."""
        c = schema.feed_rows.c
        return self._connection.execute(select(c.feed).distinct()).scalars().all()


class TagChanges(RetagChanges, TagQuestions):
    """`federation.ports.tags.TagWrites` inside the transaction of the store's only writer."""

    def append_journal(self, entries: Sequence[JournalEntry]) -> None:
        """See `WriteSession.append_journal`.

        Of the entries about one suppression tag and one relief the last one counts: `suppression`
        sets it, `suppression-lifted` ends the tag, whatever reliefs set it. Likewise `twin`, and
        `twin-lifted` of all twins of a record.
        """
        if not entries:
            return
        self._bulk.change(_ENTER, list(map(entry_to_row, entries)))
        standing: dict[_Relief, int] = {}
        twins: dict[_Relief, tuple[bytes, bytes, int]] = {}
        lifted: set[bytes] = set()
        ended: set[bytes] = set()
        for entry in entries:
            if entry.kind == TwinLifted.KIND:
                ended.add(TwinLifted.of(entry).record)
                twins = {key: twin for key, twin in twins.items() if twin[0] not in ended}
            elif entry.tag is None:
                continue
            elif entry.kind == TagLifted.KIND:
                lifted.add(entry.tag)
                standing = {key: day for key, day in standing.items() if key[0] != entry.tag}
            elif entry.log is not None and entry.index is not None:
                key = entry.tag, entry.log, entry.index
                if entry.kind == TagSet.KIND:
                    standing[key] = entry.until
                elif entry.kind == TwinSet.KIND:
                    said = TwinSet.of(entry)
                    twins[key] = said.record, said.subject, said.until
        self._bulk.delete(schema.suppressions, {}, "tag", sorted(lifted))
        self._bulk.delete(schema.twins, {}, "record", sorted(ended))
        self._put_suppressions(standing)
        if twins:
            self._bulk.upsert(schema.twins, [(*key, *twin) for key, twin in twins.items()])

    def _put_suppressions(self, standing: Mapping[_Relief, int]) -> None:
        """Insert them; of those that stand already only what has changed is written."""
        tags = sorted({tag for tag, _, _ in standing})
        columns = ("tag", "log", "idx", "until", "former")
        held = {
            (tag, log, index): (until, former)
            for tag, log, index, until, former in self._bulk.select(
                columns, schema.suppressions, {}, "tag", tags
            )
        }
        new = [(*key, until, 0) for key, until in standing.items() if key not in held]
        changed = [
            (*key, until, 0)
            for key, until in standing.items()
            if held.get(key, (until, 0)) != (until, 0)
        ]
        if new:
            self._bulk.insert(schema.suppressions, new)
        if changed:
            self._bulk.upsert(schema.suppressions, changed)

    def end_suppressions(self, today: int) -> int:
        """See `TagWrites.end_suppressions`; a tag without a last day stands for ever."""
        ended = 0
        for table in (schema.twins, schema.suppressions):
            over = delete(table).where(table.c.until > 0, table.c.until < today)
            ended = self._connection.execute(over).rowcount
        return ended

    def retag(self, tags: Mapping[bytes, bytes]) -> None:
        """See `TagWrites.retag`."""
        if tags:
            change = update(schema.statements).where(schema.statements.c.tag == bindparam("former"))
            values = [{"former": former, "now": now} for former, now in tags.items()]
            self._connection.execute(change.values(tag=bindparam("now")), values)

    def retag_subjects(self, tags: Mapping[bytes, bytes]) -> None:
        """See `TagWrites.retag_subjects`."""
        ranges = [tags_of(tag) for tag in tags]
        columns = ("tag", "log", "idx")
        rows = self._bulk.select_ranges(columns, schema.statements, "tag", ranges)
        self.retag(
            {
                tag: tags[tag[:SUBJECT_TAG_SIZE]] + tag[SUBJECT_TAG_SIZE:]
                for tag in dict.fromkeys(tag for tag, _, _ in rows)
            }
        )

    def put_unformed(self, log: int, formed_to: int | None) -> None:
        """See `TagWrites.put_unformed`."""
        if formed_to is None:
            self._bulk.delete(schema.unformed, {}, "log", [log])
        else:
            self._bulk.upsert(schema.unformed, [(log, formed_to)])
