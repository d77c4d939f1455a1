"""Findings, decisions and editions of catalogs: the questions of a session, and its changes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from adapters.sql import schema
from adapters.sql.count_tables import finding_counts
from adapters.sql.name_tables import attested_names
from adapters.sql.prepared import Prepared
from adapters.sql.rows import entry_from_row, entry_to_row
from adapters.sql.tallies import TallyChanges, TallyQuestions
from federation.ids import Timestamp
from federation.ports.findings import Place, StoredAttestation, StoredEdition
from federation.ports.journal import Decision, SignedWord
from federation.reconcile.findings import Finding
from federation.rows import ADVERSE_KINDS, by_log

_AT_ONCE: Final = 500
"""Places in one question to SQLAlchemy."""
_DECIDED: Final = select(schema.journal).where(schema.DECISIONS_ONLY).order_by(schema.journal.c.seq)
_DECIDED_AT: Final = _DECIDED.where(
    schema.journal.c.log == bindparam("asked_log"),
    schema.journal.c.idx.in_(bindparam("asked", expanding=True)),
)
"""Made once: to make such a question takes as long as asking it."""
_counts = finding_counts.c
_COUNTS: Final = select(_counts.log, _counts.finding, _counts.number).where(_counts.number > 0)
_due = schema.due.c
_DUE: Final = Prepared(
    select(_due.log, _due.idx).order_by(_due.log, _due.idx).limit(bindparam("many"))
)


class FindingQuestions(TallyQuestions):
    """`federation.ports.findings.FindingReads` inside a transaction that the store began."""

    def findings(self, places: Sequence[Place]) -> dict[Place, int]:
        """See `FindingReads.findings`."""
        found: dict[Place, int] = {}
        for log, indices in by_log(places).items():
            columns = ("idx", "finding")
            rows = self._bulk.select(columns, schema.findings, {"log": log}, "idx", indices)
            found |= {(log, index): finding for index, finding in rows}
        return found

    def findings_between(self, log: int, start: int, end: int) -> dict[int, int]:
        """See `FindingReads.findings_between`."""
        columns = ("idx", "finding")
        return dict(self._bulk.select_between(columns, schema.findings, log, start, end))

    def held_findings(
        self, after: Place | None, limit: int, findings: Collection[int] | None = None
    ) -> Sequence[tuple[Place, int]]:
        """See `FindingReads.held_findings`."""
        c = schema.findings.c
        query = select(schema.findings).where(schema.HELD_ONLY).order_by(c.log, c.idx).limit(limit)
        if findings is not None:
            query = query.where(c.finding.in_(sorted(findings)))
        if after is not None:
            query = query.where(tuple_(c.log, c.idx) > tuple_(*after))
        return [((row.log, row.idx), row.finding) for row in self._connection.execute(query)]

    def places_found(
        self, findings: Collection[int], after: Place | None, limit: int
    ) -> Sequence[Place]:
        """See `FindingReads.places_found`."""
        c = schema.findings.c
        wanted = c.finding.in_(sorted(findings))
        query = select(c.log, c.idx).where(schema.HELD_ONLY, wanted)
        return self._places(query, c, after, limit)

    def attestations(self, places: Sequence[Place]) -> Mapping[Place, StoredAttestation]:
        """See `FindingReads.attestations`."""
        found: dict[Place, StoredAttestation] = {}
        for log, indices in by_log(places).items():
            columns = ("idx", "as_of", "key", "sealed")
            rows = self._bulk.select(columns, schema.attestations, {"log": log}, "idx", indices)
            for index, as_of, key, sealed in rows:
                place = (log, index)
                found[place] = StoredAttestation(
                    place=place, as_of=Timestamp(as_of), key=key, sealed=bytes(sealed)
                )
        return found

    def attestations_before(
        self, as_of: Timestamp, after: Place | None, limit: int
    ) -> Sequence[Place]:
        """See `FindingReads.attestations_before`."""
        c = schema.attestations.c
        return self._places(select(c.log, c.idx).where(c.as_of < as_of), c, after, limit)

    def attested_tags(self) -> Iterator[bytes]:
        """See `FindingReads.attested_tags`."""
        query = select(attested_names.c.tag)
        return map(bytes, self._connection.scalars(query.execution_options(yield_per=8192)))

    def attested_as(self, tags: Sequence[bytes], limit: int) -> Mapping[bytes, Sequence[Place]]:
        """See `FindingReads.attested_as`."""
        columns, order = ("tag", "log", "idx"), ("log", "idx")
        rows = self._bulk.select_first(columns, attested_names, "tag", tags, order, limit)
        found: defaultdict[bytes, list[Place]] = defaultdict(list)
        for tag, log, index in rows:
            found[bytes(tag)].append((log, index))
        return {tag: sorted(places) for tag, places in found.items()}

    def _places(
        self,
        query: Select[tuple[int, int]],
        columns: ReadOnlyColumnCollection[str, Any],
        after: Place | None,
        limit: int,
    ) -> Sequence[Place]:
        """Places after a place, in order."""
        query = query.order_by(columns.log, columns.idx).limit(limit)
        if after is not None:
            query = query.where(tuple_(columns.log, columns.idx) > tuple_(*after))
        return [(row.log, row.idx) for row in self._connection.execute(query)]

    def count_findings(self) -> dict[int, dict[int, int]]:
        """See `FindingReads.count_findings`."""
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for log, finding, number in self._connection.execute(_COUNTS):
            found[log][finding] = number
        return dict(found)

    def miscounted(self, log: int) -> bool:
        """See `ReadSession.miscounted`; also of findings."""
        c = schema.findings.c
        number = func.count().label("number")
        query = select(c.finding, number).where(c.log == log).group_by(c.finding)
        counted = {one.finding: one.number for one in self._connection.execute(query)}
        return counted != self.count_findings().get(log, {}) or super().miscounted(log)

    def listings_of(self, record_tags: Sequence[bytes]) -> Sequence[tuple[bytes, Place]]:
        """See `FindingReads.listings_of`."""
        columns = ("tag", "log", "idx", "kind")
        rows = self._bulk.select(columns, schema.statements, {}, "tag", record_tags)
        return [(tag, (log, index)) for tag, log, index, kind in rows if kind in ADVERSE_KINDS]

    def due(self, limit: int) -> Sequence[Place]:
        """See `FindingReads.due`; by (log, index)."""
        return [(log, idx) for log, idx in self._bulk.ask(_DUE, {"many": limit})]

    def decisions(self, places: Sequence[Place]) -> Mapping[Place, Sequence[Decision]]:
        """See `FindingReads.decisions`."""
        found: dict[Place, list[Decision]] = defaultdict(list)
        for log, indices in by_log(places).items():
            for begin in range(0, len(indices), _AT_ONCE):
                asked = indices[begin : begin + _AT_ONCE]
                for decision in self._decided(_DECIDED_AT, {"asked_log": log, "asked": asked}):
                    found[log, decision.index].append(decision)
        return found

    def all_decisions(self) -> Sequence[Decision]:
        """See `FindingReads.all_decisions`."""
        return self._decided(_DECIDED, {})

    def _decided(self, query: Select[Any], asked: Mapping[str, object]) -> Sequence[Decision]:
        """Decisions on cases; relistings had the same kind once."""
        rows = self._connection.execute(query, asked)
        decided = (Decision.of(entry_from_row(row)) for row in rows)
        return [one for one in decided if one is not None]

    def words(self) -> Sequence[str]:
        """See `FindingReads.words`."""
        c = schema.journal.c
        query = select(c.body).where(c.kind == SignedWord.KIND).order_by(c.seq)
        return self._connection.execute(query).scalars().all()

    def editions(self) -> Sequence[StoredEdition]:
        """See `FindingReads.editions`."""
        c = schema.editions.c
        query = select(schema.editions).order_by(c.adopted_at, c.id)
        return [
            StoredEdition(
                id=row.id,
                text=row.text,
                adopted_at=Timestamp(row.adopted_at),
                adopted_by=tuple(json.loads(row.adopted_by)),
            )
            for row in self._connection.execute(query)
        ]

    def confirmations(self) -> Mapping[str, str]:
        """See `FindingReads.confirmations`."""
        rows = self._connection.execute(select(schema.confirmations))
        return {row.item: row.person for row in rows}


class FindingChanges(FindingQuestions, TallyChanges):
    """`federation.ports.findings.FindingWrites` in the transaction of the store's only writer."""

    def put_findings(self, findings: Mapping[Place, int]) -> None:
        """See `FindingWrites.put_findings`."""
        changed: Counter[tuple[int, int]] = Counter()
        for (log, _), was in self.findings(list(findings)).items():
            changed[log, was] -= 1
        for (log, _), finding in findings.items():
            if finding != Finding.NONE:
                changed[log, int(finding)] += 1
        counts = [(*sort, number) for sort, number in changed.items() if number]
        self._bulk.add_counts(finding_counts, counts)
        kept = [(log, index, f) for (log, index), f in findings.items() if f != Finding.NONE]
        if kept:
            self._bulk.upsert(schema.findings, kept)
        gone = [place for place, finding in findings.items() if finding == Finding.NONE]
        for log, indices in by_log(gone).items():
            self._bulk.delete(schema.findings, {"log": log}, "idx", indices)

    def put_attestations(self, attestations: Sequence[StoredAttestation]) -> None:
        """See `FindingWrites.put_attestations`."""
        rows = [(*one.place, one.as_of, one.key, one.sealed) for one in attestations]
        if rows:
            self._bulk.upsert(schema.attestations, rows)

    def put_attested_names(self, tags: Mapping[Place, bytes]) -> None:
        """See `FindingWrites.put_attested_names`."""
        if tags:
            self._bulk.upsert(attested_names, [(*place, tag) for place, tag in tags.items()])

    def put_due(self, places: Sequence[Place]) -> None:
        """See `FindingWrites.put_due`."""
        if places:
            self._bulk.insert_absent(schema.due, places)

    def put_copies_due(self) -> None:
        """See `FindingWrites.put_copies_due`."""
        c, due = schema.findings.c, schema.due.c
        asked = select(due.idx).where(due.log == c.log, due.idx == c.idx).exists()
        several = c.finding.in_((Finding.CONFLICT, Finding.COPY))
        places = select(c.log, c.idx).where(several, ~asked)
        self._connection.execute(insert(schema.due).from_select(["log", "idx"], places))

    def clear_due(self, places: Sequence[Place]) -> None:
        """See `FindingWrites.clear_due`."""
        for log, indices in by_log(places).items():
            self._bulk.delete(schema.due, {"log": log}, "idx", indices)

    def reconcile_anew(self) -> None:
        """See `FindingWrites.reconcile_anew`."""
        self._connection.execute(update(schema.logs).values(reconciled_to=0))

    def drop_findings(self) -> None:
        """See `FindingWrites.drop_findings`."""
        self._connection.execute(delete(schema.findings))
        self._connection.execute(delete(finding_counts))
        self._connection.execute(delete(schema.due))
        self.reconcile_anew()

    def _tally_cut(self, log: int, size: int) -> None:
        """Count findings likewise, before they are deleted."""
        super()._tally_cut(log, size)
        c = schema.findings.c
        gone = select(c.finding, func.count()).where(c.log == log, c.idx >= size)
        rows = self._connection.execute(gone.group_by(c.finding))
        cut = [(log, finding, -number) for finding, number in rows]
        self._bulk.add_counts(finding_counts, cut)

    def put_decision(self, decision: Decision) -> None:
        """See `FindingWrites.put_decision`."""
        self._connection.execute(insert(schema.journal).values(entry_to_row(decision.entry())))

    def put_word(self, at: Timestamp, note: str) -> None:
        """See `FindingWrites.put_word`."""
        word = SignedWord(at=at, note=note)
        self._connection.execute(insert(schema.journal).values(entry_to_row(word.entry())))

    def put_edition(self, edition: StoredEdition) -> None:
        """See `FindingWrites.put_edition`."""
        names = json.dumps(edition.adopted_by, ensure_ascii=False)
        row = (edition.id, edition.text, edition.adopted_at, names)
        self._bulk.upsert(schema.editions, [row])

    def drop_confirmations(self, items: Collection[str]) -> None:
        """See `FindingWrites.drop_confirmations`."""
        self._bulk.delete(schema.confirmations, {}, "item", sorted(items))

    def put_confirmation(self, item: str, person: str) -> None:
        """See `FindingWrites.put_confirmation`."""
        self._bulk.upsert(schema.confirmations, [(item, person)])
