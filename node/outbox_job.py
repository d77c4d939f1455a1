"""What peers said goes to the city's own platform, as files in the outbox or to a spool.

Delivery is a cursor over each followed log: all places are written first, then the cursor moves, so
a crash in between writes the same again. Statements whose opening came later, or whose state
changed since (a relief from another log, a correction), are delivered again one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Protocol

from adapters.files.outbox import STREAMS, FileOutbox, OutboxRow, remove_acknowledged
from federation import life
from federation.ids import Date, Origin
from federation.names import SUBJECT_KINDS, TIERS
from federation.payloads import (
    Annotation,
    Commendation,
    Correction,
    Listed,
    Listing,
    Payload,
    Penalty,
    Recognition,
    Relief,
    Relisting,
    Scenario,
)
from federation.ports import LogHead, ReadSession, Store
from federation.record_key import RecordKey
from federation.rows import LISTED_KINDS, State, StatementRow
from federation.statements import Kind
from node.catching_up import CatchingUp
from node.failpoints import Failpoints
from node.merging import Merged
from node.records import Records
from node.state_words import state_word
from node.writer import WriteThread

BATCH: Final = 1024
"""Leaves in one batch."""
ROUNDS_MAX: Final = 64
"""Batches of one log in one run, so that every log has its turn."""


class Place(Protocol):
    """Where batches go, durably: `adapters.files.outbox.FileOutbox`, `adapters.platform.spool`."""

    def put(self, origin: Origin, first: int, last: int, rows: Sequence[OutboxRow], /) -> None:
        """Keep what the platform is told of leaves first to last; again, it changes nothing.

        Raises:
            OSError: it cannot be kept; the next run tells it again.
        """
        ...


class OutboxDelivery:
    """Delivers what is held and not yet delivered; runs in a thread of its own."""

    def __init__(
        self,
        *,
        outbox: Path | None,
        spools: Sequence[Place],
        store: Store,
        writer: WriteThread,
        records: Records,
        today: Callable[[], Date],
        failpoints: Failpoints,
    ) -> None:
        """Wire the job.

        Args:
            outbox: where files are laid, which must exist; None for no files.
            spools: of the platforms' databases.
            store: of the logs.
            writer: moves the cursor.
            records: what rows say.
            today: by which states are told.
            failpoints: of the process.
        """
        self._outbox = outbox
        files = [] if outbox is None else [FileOutbox(outbox)]
        self._places: list[Place] = [*files, *spools]
        self._store = store
        self._writer = writer
        self._records = records
        self._today = today
        self._failpoints = failpoints
        self._catching_up = CatchingUp()

    def run(self) -> int:
        """Deliver all logs as far as they are held, and remove what was acknowledged of the files.

        Returns:
            The number of leaves passed.

        Raises:
            OSError: a place cannot be written; the next run goes on where this one was.
        """
        if self._outbox is not None:
            remove_acknowledged(self._outbox)
        with self._store.read() as session:
            heads = [head for head in session.heads() if not head.ours]
        due = [h for h in heads if not self._catching_up.is_under_way(h, h.delivered_to)]
        return sum(self._deliver(head) + self._deliver_again(head) for head in due)

    def _deliver(self, head: LogHead) -> int:
        start = head.delivered_to
        position = start
        for _ in range(ROUNDS_MAX):
            end = min(head.reconciled_to, position + BATCH)
            if end <= position:
                break
            with self._store.read() as session:
                rows = session.rows_between(head.log, position, end)
                self._write(session, head, rows, position, end)
            self._advance(head.origin, end)
            position = end
        return position - start

    def _deliver_again(self, head: LogHead) -> int:
        with self._store.read() as session:
            indices = list(session.redeliveries(head.log, BATCH))
            rows = sorted(session.rows_at([(head.log, i) for i in indices]), key=lambda r: r.idx)
            # Leaves that follow one another share their files.
            for _, run in groupby(enumerate(rows), lambda item: item[1].idx - item[0]):
                together = [row for _, row in run]
                self._write(session, head, together, together[0].idx, together[-1].idx + 1)
        if indices:
            self._writer.submit(lambda: self._clear(head.log, indices)).result()
        return len(indices)

    def _write(
        self,
        session: ReadSession,
        head: LogHead,
        rows: Sequence[StatementRow],
        start: int,
        end: int,
    ) -> None:
        """Write leaves [start, end); what was set aside is not delivered."""
        found = self._records.findings(session, rows)
        merged = self._records.merging.records(session, rows)
        delivered = [
            row
            for row in rows
            if row.kind in STREAMS and row.state not in (State.SET_ASIDE, State.HELD)
        ]
        said = self._records.payloads(session, delivered)
        told = [
            _completed(
                _filled(self._row(session, head, row, found.get(place)), said.get(place)),
                merged.get(place),
            )
            for row in delivered
            for place in [(row.log, row.idx)]
        ]
        with self._failpoints.at("outbox.write"):
            for place in self._places:
                place.put(head.origin, start, end - 1, told)

    def _advance(self, origin: Origin, end: int) -> None:
        def job() -> None:
            with self._failpoints.at("outbox.cursor"), self._store.write() as session:
                head = session.head(origin)
                if head is not None and head.delivered_to < end:
                    session.set_head(replace(head, delivered_to=end))

        self._writer.submit(job).result()

    def _clear(self, log: int, indices: Sequence[int]) -> None:
        with self._store.write() as session:
            session.clear_redeliveries(log, indices)

    def _row(
        self, session: ReadSession, head: LogHead, row: StatementRow, finding: int | None
    ) -> OutboxRow:
        state = State(row.state)
        if row.kind in LISTED_KINDS:
            state = life.at(state, Date(row.until), self._today())
        return OutboxRow(
            index=row.idx,
            kind=Kind(row.kind),
            action=row.action,
            statement_id=row.statement_id.hex(),
            about="" if row.about is None else row.about.hex(),
            state=state_word(state, finding),
            rule=self._records.rule(session, head, row, finding),
            list_type=row.list_type,
            authority=row.authority,
            decided_on=row.decided_on,
            publish_until=row.until,
        )


def _filled(row: OutboxRow, payload: Payload | None) -> OutboxRow:
    """Add what the payload says."""
    match payload:
        case Listing() | Commendation() | Penalty():
            return _listed(row, payload)
        case Correction():
            return _listed(row, payload.payload)
        case Relisting():
            return replace(
                _listed(row, payload.payload),
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
            )
        case Relief():
            return replace(
                row if payload.record is None else _of_record(row, payload.record),
                subject_name=payload.subject_name,
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
                reason=payload.reason,
            )
        case Annotation():
            return replace(
                row if payload.record is None else _of_record(row, payload.record),
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
                reason=payload.text,
            )
        case Scenario():
            return replace(
                row,
                title=payload.title,
                conditions=payload.conditions_text,
                authority=payload.provider,
                authority_name=payload.provider_name,
                basis=payload.basis,
                publish_until=payload.valid_until,
            )
        case Recognition():
            return replace(
                row,
                authority=payload.authority,
                authority_name=payload.authority_name,
                conditions=payload.conditions_text,
                reason=payload.reason,
                decided_on=payload.decided_on,
                publish_until=payload.valid_until,
            )
        case _:
            return row


def _completed(row: OutboxRow, merged: Merged | None) -> OutboxRow:
    """Put in what other copies of the record state, and name them."""
    if merged is None:
        return row
    record = merged.record
    stated: dict[str, Any] = {
        "tier": TIERS.name(record.tier),
        "authority_name": record.authority_name,
        "basis": record.basis,
        "reason": record.reason,
    }
    taken = {name: source for name, source in merged.taken.items() if name in stated}
    said = {name: stated[name] for name in taken}
    sources = [f"{name}={origin}#{copy.idx}" for name, (origin, copy) in taken.items()]
    return replace(row, **said, completed=";".join(sources))


def _of_record(row: OutboxRow, record: RecordKey) -> OutboxRow:
    return replace(
        row,
        list_type=record.list_type,
        subject_scheme=record.scheme,
        subject_code=record.code,
        authority=record.authority,
        document=record.document,
    )


def _listed(row: OutboxRow, content: Listed) -> OutboxRow:
    made = replace(
        row,
        subject_scheme=content.subject.scheme,
        subject_code=content.subject.code,
        subject_name=content.subject.name,
        subject_kind=SUBJECT_KINDS.name(content.subject.kind),
        list_type=content.list_type,
        authority=content.authority,
        authority_name=content.authority_name,
        document=content.document,
        basis=content.basis,
    )
    if isinstance(content, Listing):
        made = replace(made, tier=TIERS.name(content.tier), reason=content.reason)
    return made
