"""The desk of third parties: what they display is compared with what has ended here, and recorded.

Order of a batch: whether it may be handed in (`node.access`, as many questions as it has rows), its
rows are read, one snapshot of the store, one durable unit of the query store (rows of the query log
with their subjects, the batch, what must go), the answer. By the rules TP1-TP8 of
`federation.relief.displays`. Any thread; every call blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from adapters.sql.displays import (
    StoredDisplay,
    StoredRow,
    acknowledge,
    all_rows,
    display_by_number,
    display_of,
    newest_displays,
    overdue_items,
    put_display,
    put_rows,
    remove_open,
    rows_of_items,
    rows_of_number,
)
from adapters.sql.query_store import QueryStore, QueryWrites
from federation.errors import RefusedError, StatementError
from federation.ids import Date, Timestamp
from federation.ports.store import Store
from federation.reconcile.catalog import Catalog
from federation.reconcile.deadlines import day_of, due
from federation.reconcile.held_records import LogState
from federation.reconcile.obligations import Obligation
from federation.relief.displays import (
    FORM,
    ROWS_MAX,
    Displayed,
    Told,
    Unread,
    Verdict,
    is_overdue,
    read,
    told,
)
from federation.screening.query_log import EntryKind
from federation.screening.questions import REQUEST_ID
from federation.screening.roles import Action, Asker, Role
from federation.working_days import WorkingDays
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog, Subject
from node.access.query_writer import QueryWriter
from node.records.coverage import LogCoverage
from node.relief.displayed_records import DisplayedRecords
from node.system.clock import Clock
from node.texts.codes import chinese

NUMBER_BYTES: Final = 6
ENTRY_ROWS: Final = 250
"""Rows in one entry of the query log; it has room for 32 KiB."""
LISTED_MAX: Final = 1000
PARTY_LONGEST: Final = 100


class Admission(Protocol):
    """`node.access.admitting.Access`."""

    def admit_rows(self, asker: Asker, action: Action, rows: int) -> None:
        """Let so many rows be handed in, or refuse."""
        ...

    def admit(self, asker: Asker, action: Action) -> None:
        """Let it be done, or refuse."""
        ...

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        """Count answers, in the unit that makes them durable."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """A batch as it was read and judged."""

    party: str
    request_key: bytes
    content_tag: bytes
    rows: Sequence[Displayed]
    unread: Sequence[Unread]
    found: Sequence[Told]
    complete: bool
    due_on: Date
    at: Timestamp
    read: int  # how much had been written when it was judged (`Store.written`)


class DisplayDesk:
    """Answers third parties, and shows the operator who is late."""

    def __init__(  # noqa: PLR0913 - wired once, in node.relief.wiring
        self,
        *,
        region: str,
        store: Store,
        records: DisplayedRecords,
        coverage: LogCoverage,
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        access: Admission,
        queries: QueryStore,
        writer: QueryWriter,
        keys: QueryKeys,
        log: QueryLog,
        clock: Clock,
        token: Callable[[int], bytes],
    ) -> None:
        """Wire it.

        Args:
            region: of this node, in the numbers of its answers.
            store: of the statements; only read.
            records: what is held of the records that rows fit.
            coverage: how the logs stand.
            catalog: this city's, of the moment.
            working_days: the tables of the moment.
            access: who may ask.
            queries: the query store, only read.
            writer: of the query store.
            keys: of its tags.
            log: the query log.
            clock: never behind any clock that is believed.
            token: gives that many random bytes.
        """
        self._region = region
        self._store = store
        self._records = records
        self._coverage = coverage
        self._catalog = catalog
        self._working_days = working_days
        self._access = access
        self._queries = queries
        self._writer = writer
        self._keys = keys
        self._log = log
        self._clock = clock
        self._token = token
        self._read: dict[str, int] = {}

    def submit(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Say which rows of a batch must go.

        Args:
            asker: who hands it in.
            raw: `request_id`, `rows`, and of an operator the `party` for whom it is handed in.

        Raises:
            StatementError: `display.form`.
            RefusedError: `access.…`, `check.unready`, `request.reused`.
            StoreError: a store; nothing was answered.
        """
        party = _party(asker, raw)
        rows, unread = read(raw.get("rows"))
        self._access.admit_rows(asker, Action.DISPLAYS, len(rows) + len(unread))
        request_id = raw.get("request_id")
        if not isinstance(request_id, str) or REQUEST_ID(request_id) is None:
            message = (
                "request_id: 1 至 64 个字母、数字、. _ - / expected 1 to 64 letters, digits, . _ -"
            )
            raise StatementError(FORM, message)
        now, today, read_at = self._clock.now(), self._clock.today(), self._store.written
        with self._store.read() as session:
            complete = all(log.state is LogState.OK for log in self._coverage.of(session))
            copies = self._records.copies(session, rows)
        judged = [told(row, copies[row.row], today) for row in rows]
        last = due(Obligation.DISPLAYS, today, self._catalog(), self._working_days())
        batch = _Batch(
            party=party,
            request_key=self._keys.tag(f"display-request\0{party}\0{request_id}".encode()),
            content_tag=self._keys.tag(
                b"display-content\0" + b"\0".join(row.item for row in rows) + bytes(len(unread))
            ),
            rows=rows,
            unread=unread,
            found=[one for one in judged if one is not None],
            complete=complete,
            due_on=Date(0) if last is None else last.last,
            at=now,
            read=read_at,
        )
        number = f"{self._region}-{today}-{self._token(NUMBER_BYTES).hex()}"
        return self._writer.submit(partial(self._keep, asker, batch, number)).result()

    def acknowledge(self, asker: Asker, number: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Keep which rows of a batch were taken down (TP7).

        Raises:
            StatementError: `display.form`.
            RefusedError: `access.…`; `display.unknown`: no batch of this third party.
            StoreError: the query store; nothing was kept.
        """
        self._access.admit(asker, Action.DISPLAYS)
        party = _party(asker, raw)
        rows = raw.get("rows")
        if (
            not isinstance(rows, list)
            or not 1 <= len(rows) <= ROWS_MAX
            or any(type(row) is not int for row in rows)
        ):
            message = f"rows: 1 至 {ROWS_MAX} 个行号 / expected a list of 1 to {ROWS_MAX} numbers"
            raise StatementError(FORM, message)
        return self._writer.submit(
            partial(self._acknowledge, party, number, list(dict.fromkeys(rows)))
        ).result()

    # ------------------------------------------------------------------ what the operator is told

    def batches(self, party: str) -> list[dict[str, Any]]:
        """The newest batches, of one third party where it is named."""
        with self._queries.read() as reads:
            found = newest_displays(reads, party, LISTED_MAX)
            rows: dict[str, list[StoredRow]] = {}
            for row in all_rows(reads):
                rows.setdefault(row.number, []).append(row)
        return [self._summary(one, rows.get(one.number, ())) for one in found]

    def get(self, number: str) -> dict[str, Any]:
        """A batch, with the rows that must go.

        Raises:
            RefusedError: `display.unknown`.
        """
        with self._queries.read() as reads:
            found = display_by_number(reads, number)
            rows = rows_of_number(reads, number)
        if found is None:
            raise _unknown()
        return self._summary(found, rows) | {"remove": [self._shown(row) for row in rows]}

    def report(self) -> list[dict[str, Any]]:
        """Each third party with what it owes, laggards first."""
        with self._queries.read() as reads:
            rows = all_rows(reads)
        parties: dict[str, list[StoredRow]] = {}
        for one in _items(rows):
            parties.setdefault(one.party, []).append(one)
        found = [self._of_party(party, items) for party, items in parties.items()]
        return sorted(found, key=lambda one: (-one["overdue"], -one["open"], one["party"]))

    def status(self) -> dict[str, Any]:
        """What the status says: who is late, and with how much."""
        with self._queries.read() as reads:
            late = overdue_items(reads, self._clock.today())
        return {"overdue": sum(late.values()), "by_party": late}

    # ------------------------------------------------------------------

    def _keep(
        self, asker: Asker, batch: _Batch, number: str, writes: QueryWrites
    ) -> dict[str, Any]:
        before = display_of(writes, batch.request_key)
        if before is not None:
            if before.content_tag != batch.content_tag:
                message = (
                    "请求编号须每批各用一个 / expected a new request id for another batch; "
                    "what was handed in first stands"
                )
                raise RefusedError("request.reused", message)
            number = before.number
        promises = self._log.record_all(writes, list(_entries(asker, batch, number)))
        tags = {row.row: self._keys.tag(b"display\0" + row.item) for row in batch.rows}
        removed = {one.row: one for one in batch.found if one.verdict is Verdict.REMOVE}
        known = rows_of_items(writes, batch.party, set(tags.values()))
        kept = [self._row(batch, number, tags[one.row], one, known) for one in removed.values()]
        owed = {tags[row] for row in removed}
        if batch.read >= self._read.get(batch.party, 0):  # else another one knew of more reliefs
            remove_open(writes, batch.party, set(tags.values()) - owed)
            self._read[batch.party] = batch.read
        put_display(
            writes,
            StoredDisplay(
                number=number,
                party=batch.party,
                request_key=batch.request_key,
                content_tag=batch.content_tag,
                at=batch.at,
                submitted=len(batch.rows) + len(batch.unread),
                refused=len(batch.unread),
            ),
        )
        put_rows(writes, number, kept)
        self._access.answered(writes, asker, len(batch.rows))
        return _answer(batch, number, kept, [one.to_json() for one in promises])

    @staticmethod
    def _row(
        batch: _Batch, number: str, tag: bytes, one: Told, known: Sequence[StoredRow]
    ) -> StoredRow:
        """What is kept of a row that must go, by what was told of it before (TP6, TP7)."""
        told_before = [row for row in known if row.item_tag == tag]
        same = [row for row in told_before if (row.number, row.row) == (number, one.row)]
        pending = [row for row in told_before if not row.acknowledged_at]
        first = min(same or pending, key=lambda row: row.told_at, default=None)
        return StoredRow(
            number=number,
            row=one.row,
            party=batch.party,
            item_tag=tag,
            ground="" if one.ground is None else one.ground.value,
            since=one.since,
            told_at=batch.at if first is None else first.told_at,
            due_on=batch.due_on if first is None else first.due_on,
            again=int(bool(told_before)) if first is None else first.again,
            acknowledged_at=same[0].acknowledged_at if same else 0,
        )

    def _acknowledge(
        self, party: str, number: str, rows: Sequence[int], writes: QueryWrites
    ) -> dict[str, Any]:
        found = display_by_number(writes, number)
        if found is None or found.party != party:
            raise _unknown()
        told_of = {row.row: row.item_tag for row in rows_of_number(writes, number)}
        right = [row for row in rows if row in told_of]
        acknowledge(writes, party, {told_of[row] for row in right}, self._clock.now())
        left = [row for row in rows_of_number(writes, number) if not row.acknowledged_at]
        return {
            "number": number,
            "acknowledged": right,
            "refused": [_refused(row, "display.not-told") for row in rows if row not in told_of],
            "outstanding": [row.row for row in left],
        }

    def _summary(self, one: StoredDisplay, rows: Sequence[StoredRow]) -> dict[str, Any]:
        return {
            "number": one.number,
            "party": one.party,
            "at": one.at,
            "submitted": one.submitted,
            "refused": one.refused,
            "told": len(rows),
            "outstanding": sum(not row.acknowledged_at for row in rows),
            "overdue": sum(self._late(row) and not row.acknowledged_at for row in rows),
        }

    def _shown(self, row: StoredRow) -> dict[str, Any]:
        return {
            "row": row.row,
            "ground": row.ground,
            "since": row.since,
            "told_at": row.told_at,
            "due_on": row.due_on,
            "acknowledged_at": row.acknowledged_at,
            "again": bool(row.again),
            "overdue": self._late(row),
        }

    def _of_party(self, party: str, items: Sequence[StoredRow]) -> dict[str, Any]:
        pending = [one for one in items if not one.acknowledged_at]
        return {
            "party": party,
            "told": len(items),
            "acknowledged": len(items) - len(pending),
            "open": len(pending),
            "overdue": sum(map(self._late, pending)),
            "late": sum(self._late(one) for one in items if one.acknowledged_at),
            "without_deadline": sum(not one.due_on for one in pending),
            "displayed_again": sum(one.again for one in items),
            "oldest": min((one.told_at for one in pending), default=0),
        }

    def _late(self, row: StoredRow) -> bool:
        done = day_of(Timestamp(row.acknowledged_at)) if row.acknowledged_at else Date(0)
        return is_overdue(Date(row.due_on), done, self._clock.today())


def _party(asker: Asker, raw: Mapping[str, Any]) -> str:
    """Whose display it is: the credential's, and of an operator whom it names."""
    if Role.THIRD_PARTY in asker.roles and not asker.local:
        return asker.department
    party = raw.get("party")
    if (
        not isinstance(party, str)
        or not party.isprintable()
        or not 0 < len(party.strip()) <= PARTY_LONGEST
    ):
        message = "party: 写明是哪家的展示 / expected whose display it is"
        raise StatementError(FORM, message)
    return party.strip()


def _items(rows: Iterable[StoredRow]) -> list[StoredRow]:
    """Each duty once: of one item that came in several batches the newest row counts."""
    found: dict[tuple[str, bytes, int], StoredRow] = {}
    for one in rows:
        found[one.party, one.item_tag, one.told_at] = one
    return list(found.values())


def _entries(asker: Asker, batch: _Batch, number: str) -> Iterable[Entry]:
    """What the query log is told: all subjects of the batch, and how many of its rows must go."""
    result = Counter(one.verdict.value for one in batch.found)
    for begin in range(0, max(len(batch.rows), 1), ENTRY_ROWS):
        part = batch.rows[begin : begin + ENTRY_ROWS]
        yield Entry(
            kind=EntryKind.QUESTION,
            asker=asker.credential,
            department=batch.party,
            action=Action.DISPLAYS.value,
            at=batch.at,
            subjects=tuple(dict.fromkeys(Subject(code=row.code) for row in part)),
            result=f"{result[Verdict.REMOVE.value]}/{len(batch.rows) + len(batch.unread)}",
            number=number,
        )


def _answer(
    batch: _Batch, number: str, kept: Sequence[StoredRow], promises: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "number": number,
        "at": batch.at,
        "rows": len(batch.rows) + len(batch.unread),
        "complete": batch.complete,
        "remove": [
            {
                "row": row.row,
                "ground": row.ground,
                "since": row.since,
                "due_on": row.due_on,
                "acknowledged": bool(row.acknowledged_at),
            }
            for row in kept
        ],
        "ambiguous": [one.row for one in batch.found if one.verdict is Verdict.AMBIGUOUS],
        "refused": [_refused(one.row, one.code) for one in batch.unread],
        "promises": list(promises),
    }


def _refused(row: int, code: str) -> dict[str, Any]:
    return {"row": row, "code": code, "message": chinese(code)}


def _unknown() -> RefusedError:
    return RefusedError("display.unknown", "没有此批次 / expected the number of an own batch")
