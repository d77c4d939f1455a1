"""The desk for batches of a simulated node, beside its desk for single checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.screening.batches import Rows
from federation.screening.roles import Action, Asker
from node.screening.batch_desk import Batch, BatchDesk
from node.screening.batch_recording import BatchRecording
from node.screening.batch_snapshot import Snapshots
from tests.support.invented import code_of, name_of
from tests.support.screened import LOCAL, MATTER, Screened

HEAD: dict[str, Any] = {
    "request_id": "tender-1",
    "matter": MATTER,
    "case_no": "宜招〔2026〕1号",
    "purpose": "joint-punishment",
    "input": "0" * 64,
}


class AdmittingMany:
    """Lets everybody ask, until a test says otherwise, and keeps how much was asked."""

    def __init__(self) -> None:
        self.refusal: RefusedError | None = None
        self.asked: list[tuple[int, int]] = []
        self.answered_rows = 0

    def admit_rows(
        self, asker: Asker, action: Action, rows: int, *, matter: str, purpose: str, total: int
    ) -> None:
        """See `node.screening.batch_desk.Admission`."""
        assert asker.roles
        assert action is Action.CHECK
        assert matter
        assert purpose
        self.asked.append((rows, total))
        if self.refusal is not None:
            raise self.refusal

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        """Count answers in their unit."""
        assert asker.roles
        assert writes.connection.in_transaction()
        self.answered_rows += count


class Batched:
    """A desk for batches over the parts of now."""

    def __init__(self, screened: Screened) -> None:
        node = screened.node
        self.access = AdmittingMany()
        self.screened = screened
        self.desk = BatchDesk(
            judging=screened.judging(),
            snapshots=Snapshots(
                store=node.store, library=node.library, tagger=node.keyring, clock=node.clock
            ),
            access=self.access,
            queries=screened.store,
            writer=screened.writer,
            recording=BatchRecording(
                keys=screened.keys,
                log=screened.log,
                recording=screened.recording(),
                answered=self.access.answered,
            ),
            clock=node.clock,
            failpoints=node.failpoints,
        )

    def open(self, asker: Asker = LOCAL, **changed: Any) -> Batch:
        """Open a batch, a new one where nothing else is said."""
        changed.setdefault("request_id", self.screened.node.tokens(8).hex())
        return self.desk.open(asker, HEAD | changed)

    def part(self, batch: Batch, rows: Sequence[tuple[str, str]], part: int = 1) -> dict[int, Any]:
        """Ask about rows, by their number in the part; those that say more than clear."""
        found = self.desk.part(batch, part, table_of(rows))
        assert found["rows"] == len(rows)
        return {one["row"]: one for one in found["others"]}


def table_of(rows: Sequence[tuple[str, str]]) -> Rows:
    """Rows as a part has them, numbered from 1."""
    codes, names = zip(*rows, strict=True)
    return Rows(numbers=range(1, len(rows) + 1), codes=codes, names=names)


def rows_of(*numbers: int) -> list[tuple[str, str]]:
    """Rows of invented subjects."""
    return [(code_of(number), name_of(number)) for number in numbers]
