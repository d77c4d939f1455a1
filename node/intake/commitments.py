"""Files of commitments 信用承诺: each good row one COMMITMENT, said again only where it changed.

Idempotent by content: a row that says what was said before of the subject, type and day publishes
nothing; one that says otherwise, as that it was performed, publishes the newer word (BN13).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from adapters.files.commitments import KIND, CommitmentRow, read_commitments
from adapters.files.faults import RowFault
from adapters.files.tables import Limits
from federation.errors import RefusedError
from federation.ids import Date
from federation.intake.contents import commitment_content
from federation.intake.feed import COMMITMENTS_FEED, row_identity
from federation.own_log import Draft
from federation.payloads import Commitment, Source
from federation.ports.store import FeedRow, FeedRowStatus, ReadSession, Store, Tagger, WriteSession
from federation.statements import Kind
from node.intake.answers import fault_of
from node.intake.seen_rows import See, SeenRow, unseen
from node.log.refusals import of_the_node
from node.log.units import Placed, Unit
from node.log.writer import Writer
from node.publishing.own_statements import OwnStatements
from node.publishing.registry import Registry


class Commitments:
    """Takes files of commitments."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        registry: Registry,
        statements: OwnStatements,
        tagger: Tagger,
        today: Callable[[], Date],
        limits: Limits,
    ) -> None:
        """Wire it."""
        self._store = store
        self._writer = writer
        self._registry = registry
        self._statements = statements
        self._tagger = tagger
        self._today = today
        self._limits = limits

    def take(
        self,
        path: Path,
        source: str,
        batch: str,
        progress: Callable[[int], None],
        *,
        dry_run: bool,
        see: See = unseen,
    ) -> tuple[list[RowFault], dict[str, Any]]:
        """Take a file; faults of rows, and the result without them.

        Args:
            path: the private copy.
            source: the department that sends it.
            batch: the file's name.
            progress: told the number of rows read.
            dry_run: decide and report, publish nothing.
            see: told of each good row.

        Raises:
            FileAdapterError: the file cannot be read.
        """
        items = list(read_commitments(path, self._today(), self._limits))
        progress(len(items))
        faults = [item for item in items if isinstance(item, RowFault)]
        good = [item for item in items if isinstance(item, CommitmentRow)]
        counts: Counter[str] = Counter()
        published = 0
        for row in good:
            said = self._said(row, source, batch)
            try:
                if dry_run:
                    with self._store.read() as session:
                        new = self._is_new(session, said)
                else:
                    new = bool(self._writer.publish(self._unit(said)).result())
                    published += new
                outcome = "published" if new else "unchanged"
                counts[outcome] += 1
                see(_seen(row, outcome))
            except RefusedError as error:
                if of_the_node(error):
                    raise
                counts["refused"] += 1
                faults.append(fault_of(row.row, error.code, str(error)))
        return faults, {
            "kind": KIND,
            "dry_run": dry_run,
            "rows": len({fault.row for fault in faults} | {row.row for row in good}),
            "published": published,
            "decisions": dict(sorted(counts.items())),
            "refused_rows": len({fault.row for fault in faults}),
        }

    def _said(self, row: CommitmentRow, source: str, batch: str) -> Commitment:
        key = "#".join((row.subject.code, row.commitment_type, str(row.made_on)))
        return Commitment(
            audience=self._statements.audience(),
            subject=row.subject,
            commitment_type=row.commitment_type,
            text=row.text,
            made_on=row.made_on,
            due_on=row.due_on,
            performed=row.performed,
            performed_on=row.performed_on,
            self_declared=False,
            source=Source(department=source, batch=batch, row=row.row, key=key),
        )

    def _tags(self, said: Commitment) -> tuple[bytes, bytes]:
        """Of the row, and of what it says."""
        row = self._tagger.lookup(row_identity(COMMITMENTS_FEED, said.source.key))
        return row, self._tagger.lookup(commitment_content(said))

    def _is_new(self, session: ReadSession, said: Commitment) -> bool:
        row, content = self._tags(said)
        known = session.feed_rows(COMMITMENTS_FEED, [row])
        return not known or known[0].content_tag != content

    def _unit(self, said: Commitment) -> Unit:
        made: list[Draft] = []

        def drafts(session: WriteSession) -> list[Draft]:
            made.clear()
            if self._is_new(session, said):
                made.append(self._registry.checked_draft(session, Kind.COMMITMENT, 0, b"", said))
            return list(made)

        def record(session: WriteSession, placed: Sequence[Placed]) -> None:
            del placed
            row, content = self._tags(said)
            session.put_feed_rows(
                [
                    FeedRow(
                        feed=COMMITMENTS_FEED,
                        row_tag=row,
                        record_tag=row,
                        content_tag=content,
                        statement_id=draft.statement_id,
                        until=Date(0),
                        status=FeedRowStatus.LIVE,
                    )
                    for draft in made
                ]
            )

        return Unit(drafts=drafts, record=record)


def _seen(row: CommitmentRow, outcome: str) -> SeenRow:
    return SeenRow(
        row=row.row,
        decision=outcome,
        name=row.subject.name,
        code=row.subject.code,
        scheme=row.subject.scheme,
        decided_on=row.made_on,
        publish_until=row.due_on,
    )
