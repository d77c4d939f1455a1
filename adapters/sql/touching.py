"""Write sessions that note what they touch, for those who watch subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from adapters.sql.bulk import Bulk
from adapters.sql.known import Known
from adapters.sql.writing import SqlWriteSession
from federation.ports.findings import Place, StoredAttestation
from federation.ports.journal import Decision, JournalEntry
from federation.ports.store import LogHead
from federation.ports.touched import Touched
from federation.rows import StatementRow


class TouchingWriteSession(SqlWriteSession):
    """What a write session does, and which subjects it may have been about."""

    def __init__(self, connection: Connection, bulk: Bulk, known: Known, touched: Touched) -> None:
        """Write over a connection; what is touched is put into `touched`."""
        super().__init__(connection, bulk, known)
        self._touched = touched

    def insert_rows(self, rows: Sequence[StatementRow]) -> None:
        """See `WriteSession.insert_rows`."""
        super().insert_rows(rows)
        self._touched.rows(rows)

    def replace_rows(self, rows: Sequence[StatementRow]) -> None:
        """See `WriteSession.replace_rows`."""
        super().replace_rows(rows)
        self._touched.rows(rows)

    def drop_rows(self) -> None:
        """See `WriteSession.drop_rows`."""
        super().drop_rows()
        self._touched.all()

    def set_back(self, head: LogHead, size: int) -> None:
        """See `WriteSession.set_back`."""
        super().set_back(head, size)
        self._touched.all()

    def retag(self, tags: Mapping[bytes, bytes]) -> None:
        """See `TagWrites.retag`."""
        super().retag(tags)
        self._touched.all()

    def retag_subjects(self, tags: Mapping[bytes, bytes]) -> None:
        """See `TagWrites.retag_subjects`."""
        super().retag_subjects(tags)
        self._touched.all()

    def put_unformed(self, log: int, formed_to: int | None) -> None:
        """See `TagWrites.put_unformed`."""
        super().put_unformed(log, formed_to)
        self._touched.all()

    def put_findings(self, findings: Mapping[Place, int]) -> None:
        """See `FindingWrites.put_findings`."""
        super().put_findings(findings)
        self._touched.at(findings)

    def put_due(self, places: Sequence[Place]) -> None:
        """See `FindingWrites.put_due`."""
        super().put_due(places)
        self._touched.at(places)

    def put_redeliveries(self, places: Sequence[Place]) -> None:
        """See `WriteSession.put_redeliveries`; also what is just being delivered is told of."""
        super().put_redeliveries(places)
        self._touched.at(places)

    def put_copies_due(self) -> None:
        """See `FindingWrites.put_copies_due`."""
        super().put_copies_due()
        self._touched.judged_anew = True

    def reconcile_anew(self) -> None:
        """See `FindingWrites.reconcile_anew`."""
        super().reconcile_anew()
        self._touched.judged_anew = True

    def put_attestations(self, attestations: Sequence[StoredAttestation]) -> None:
        """See `FindingWrites.put_attestations`."""
        super().put_attestations(attestations)
        self._touched.at(one.place for one in attestations)

    def put_attested_names(self, tags: Mapping[Place, bytes]) -> None:
        """See `FindingWrites.put_attested_names`."""
        super().put_attested_names(tags)
        self._touched.named(tags.values())

    def erase_openings(self, log: int, indices: Sequence[int]) -> None:
        """See `WriteSession.erase_openings`."""
        super().erase_openings(log, indices)
        self._touched.at((log, index) for index in indices)

    def put_decision(self, decision: Decision) -> None:
        """See `FindingWrites.put_decision`."""
        super().put_decision(decision)
        self._touched.at([(decision.log, decision.index)])

    def append_journal(self, entries: Sequence[JournalEntry]) -> None:
        """See `WriteSession.append_journal`."""
        super().append_journal(entries)
        self._touched.at(
            (one.log, one.index) for one in entries if one.log is not None and one.index is not None
        )
