"""Wrong and missed repairs 错修漏修: origin, members, platforms compared (`huxin repairs audit`).

    repair.not-lifted       a member has not executed a relief in time (RP7, RP13)
    repair.not-known        a member has not executed it, and whether it is late is not known: the
                            time, the deadline or the member's own log is missing; it accuses nobody
    repair.said-late        the city that decided a relief said it after its own last day (RP15)
    repair.applied-again    it said lifted, and its newest word about the listing is applied
    repair.copy-stands      the record of a relief stands in another log
    repair.platform-shows   a platform still shows a record of which it was told the end
    repair.platform-lifted  a platform shows the end of a record of which it was told none

Goes through all reliefs and all receipts: asked by a person, once in a while. What platforms show
is taken from the newest comparison of control totals. Nothing of a subject is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from federation.ids import Origin
from federation.life.life import STANDING
from federation.ports.store import ReadSession, Store
from federation.reconcile.receipts import ENDED, ReceiptOutcome
from federation.relief.progress import Verdict
from federation.rows import ADVERSE_KINDS, RELIEF_KINDS, State, StatementRow
from node.charters.view import TrustView
from node.records.told import Told
from node.relief.repairs import Followed, Repairs
from node.texts.states import STATE_WORDS, UNDO

PAGE: Final = 200
ROWS: Final = 1000
"""Rows of a platform that are looked at."""
_ENDED_WORDS: Final = frozenset({*(STATE_WORDS[state] for state in ENDED), UNDO})
_STANDING_WORDS: Final = frozenset(STATE_WORDS[state] for state in STANDING)


class Compared(Protocol):
    """`node.platform.control_totals.ControlTotals`."""

    def report(self, limit: int = 0) -> dict[str, Any]:
        """What the newest comparison found."""
        ...


class RepairAudit:
    """Compares; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        repairs: Repairs,
        told: Told,
        trust: Callable[[], TrustView],
        platforms: Callable[[], Iterable[tuple[str, Compared]]],
    ) -> None:
        """Wire it; `platforms` are those that show what they have, by name."""
        self._store = store
        self._repairs = repairs
        self._told = told
        self._trust = trust
        self._platforms = platforms

    def run(self) -> list[dict[str, Any]]:
        """Compare; findings with `code`, `statement_id` (of the listing), `origin` and `where`.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        found: list[dict[str, Any]] = []
        lifted: dict[tuple[Origin, int], str] = {}
        with self._store.read() as session:
            for page in self._pages(session):
                for one in page:
                    found += _late(one)
                    if one.about is not None and one.row.kind in RELIEF_KINDS:
                        lifted[one.origin, one.about.idx] = one.about.statement_id.hex()
                found += self._copies(session, page)
            found += self._applied_again(session, lifted)
        return found + [one for name, of in self._platforms() for one in _platform(name, of)]

    def _pages(self, session: ReadSession) -> Iterator[Sequence[Followed]]:
        """All reliefs that somebody has to execute."""
        after: tuple[int, int] | None = None
        while rows := session.list_rows(
            log=None, kinds=RELIEF_KINDS, states=[State.IN_FORCE], after=after, limit=PAGE
        ):
            after = (rows[-1].log, rows[-1].idx)
            yield [
                one for one in self._repairs.followed(session, rows, timed=False) if not one.over
            ]

    def _copies(self, session: ReadSession, page: Sequence[Followed]) -> list[dict[str, Any]]:
        tags = {one.row.record_tag: one.row for one in page if one.row.record_tag is not None}
        if not tags:
            return []
        origins = {head.log: head.origin for head in session.heads()}
        return [
            _finding("repair.copy-stands", row, origins[row.log], self._city(origins[row.log]))
            for row in session.rows_by_record(sorted(tags), ADVERSE_KINDS)
            if row.state in STANDING and row.record_tag in tags
        ]

    def _applied_again(
        self, session: ReadSession, lifted: dict[tuple[Origin, int], str]
    ) -> Iterator[dict[str, Any]]:
        """Whose newest word about a listing that it lifted is that it applies."""
        newest: dict[tuple[Origin, Origin, int], int] = {}
        once: set[tuple[Origin, Origin, int]] = set()
        for speaker, _, receipt in self._told.receipts(session):
            for batch in receipt.batches:
                for index in batch.indices:
                    if (receipt.origin, index) in lifted:
                        key = (speaker, receipt.origin, index)
                        newest[key] = batch.outcome
                        if batch.outcome == ReceiptOutcome.LIFTED:
                            once.add(key)
        for key in sorted(once):
            speaker, origin, index = key
            if newest[key] == ReceiptOutcome.APPLIED:
                yield {
                    "code": "repair.applied-again",
                    "statement_id": lifted[origin, index],
                    "origin": origin,
                    "where": self._city(speaker),
                }

    def _city(self, origin: Origin) -> str:
        return self._trust().city(origin) or origin


def _late(one: Followed) -> Iterator[dict[str, Any]]:
    row = one.row if one.about is None else one.about
    if one.progress.spoken is Verdict.LATE:
        yield _finding("repair.said-late", row, one.origin, one.city or one.origin)
    for member in one.progress.outstanding:
        if member.verdict is not Verdict.WAITING:
            code = "repair.not-lifted" if member.verdict is Verdict.LATE else "repair.not-known"
            yield _finding(code, row, one.origin, member.city or member.member)


def _platform(name: str, compared: Compared) -> Iterator[dict[str, Any]]:
    """What a platform shows that it was not told, where it is about an end."""
    for row in compared.report(ROWS).get("rows", ()):
        code = ""
        if row["told"] in _ENDED_WORDS and row["found"] not in _ENDED_WORDS and row["found"]:
            code = "repair.platform-shows"
        elif row["told"] in _STANDING_WORDS and row["found"] in _ENDED_WORDS:
            code = "repair.platform-lifted"
        if code:
            yield {
                "code": code,
                "statement_id": row["statement_id"],
                "origin": row["origin"],
                "where": name,
            }


def _finding(code: str, row: StatementRow, origin: Origin, where: str) -> dict[str, Any]:
    return {
        "code": code,
        "statement_id": row.statement_id.hex(),
        "origin": origin,
        "where": where,
    }
