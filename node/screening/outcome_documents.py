"""Outcomes 惩戒反馈 as people and departments read them: due, reported, counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final

from adapters.sql.checks import StoredCheck
from adapters.sql.outcomes import (
    PAGE,
    MatchRow,
    OutcomeRow,
    Turn,
    count_spans,
    matches_in,
    matches_in_turn,
    matches_of_listings,
    outcomes_of_case,
    turn_of,
    twins_of,
)
from adapters.sql.query_store import QueryReads, QueryStore
from crypto.errors import SealError
from federation.ids import Date, Origin
from federation.payloads import OutcomeResult
from federation.ports.store import ReadSession, Store
from federation.reconcile.catalog import Catalog
from federation.rows import State
from federation.screening.case_figures import Case, cases, count, qualifier
from federation.screening.outcomes import OPEN, OWING, MatchState, is_overdue, spans
from federation.statements import Kind
from federation.working_days import WorkingDays
from node.access.query_keys import QueryKeys, Sealed
from node.charters.view import TrustView
from node.codec import page_tokens
from node.records.endings import ended_by, subject_by_relief
from node.records.records import Records
from node.screening.outcome_origin import OutcomeRead, OutcomeReads
from node.texts.catalog_names import name_of_list

NAMED: Final = 20
"""Matches that the status names one by one."""
_BITS: Final = 63
"""Of a number that a database holds."""
_REPORTED: Final = frozenset(MatchState) - {MatchState.PENDING}


def result_name(result: int) -> str:
    """A result of an OUTCOME in words of documents."""
    return OutcomeResult(result).name.lower().replace("_", "-")


class OutcomeDocuments:
    """Makes the documents that services give; only reads."""

    def __init__(
        self,
        *,
        queries: QueryStore,
        keys: QueryKeys,
        store: Store,
        records: Records,
        reads: OutcomeReads,
        trust: Callable[[], TrustView],
        catalog: Callable[[], Catalog],
        working_days: Callable[[], WorkingDays],
        today: Callable[[], Date],
    ) -> None:
        """Wire it."""
        self._queries = queries
        self._keys = keys
        self._store = store
        self._records = records
        self._reads = reads
        self._trust = trust
        self._catalog = catalog
        self._working_days = working_days
        self._today = today

    def match(self, reads: QueryReads, match: MatchRow) -> dict[str, Any]:
        """A match and what was reported of it; names no subject and no official."""
        today = self._today()
        return {
            "check": match.number,
            "record": f"{match.origin}#{match.idx}",
            "origin": match.origin,
            "index": match.idx,
            "from": self._city(match.origin),
            "list_type": match.list_type,
            "list_name": self._list_name(match.list_type),
            "matter": match.matter,
            "matter_name": self._matter_name(match.matter),
            "measures": json.loads(match.measures),
            "state": match.state,
            "due_on": match.due_on,
            "overdue": is_overdue(MatchState(match.state), Date(match.due_on), today),
            "reopened_at": match.reopened_at or 0,
            "reports": [_report(row) for row in outcomes_of_case(reads, twins_of(reads, match))],
        }

    def open_of(
        self, listings: Collection[tuple[str, int]]
    ) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """What departments have still to say of matches, by place; no subject in it.

        Args:
            listings: origin and place of such as have ended.
        """
        today = self._today()
        found: dict[tuple[str, int], list[dict[str, Any]]] = {}
        with self._queries.read() as reads:
            for match, check in matches_of_listings(reads, listings, OWING):
                found.setdefault((match.origin, match.idx), []).append(
                    {
                        "check": match.number,
                        "department": check.department,
                        "matter_name": self._matter_name(match.matter),
                        "state": match.state,
                        "due_on": match.due_on,
                        "overdue": is_overdue(MatchState(match.state), Date(match.due_on), today),
                    }
                )
        return found

    def check(
        self, reads: QueryReads, check: StoredCheck, matches: Sequence[MatchRow]
    ) -> dict[str, Any]:
        """A check with all its matches; who was asked about and who is responsible while kept."""
        asked = self._asked(check)
        with self._store.read() as session:
            shown = [
                self.match(reads, match)
                | {"listing": self._listing(session, match)}
                | {"persons": self._persons(reads, match)}
                for match in matches
            ]
        return {
            "check": check.number,
            "department": check.department,
            "matter": check.matter,
            "matter_name": self._matter_name(check.matter),
            "at": check.at,
            "result": check.result,
            **{name: str(asked.get(name, "")) for name in ("case_no", "code", "name")},
            "matches": shown,
        }

    def pending(
        self, department: str | None, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of the matches that wait for a report, in the order of their turn.

        Args:
            department: whose; None: all.
            page_size: at most so many; 0: all.
            page_token: of the page before, or empty.

        Raises:
            StatementError: `page-token.invalid`.
        """
        found: list[dict[str, Any]] = []
        after, limit = _turn(page_token), page_size or PAGE
        waiting = spans(self._today())
        with self._queries.read() as reads:
            while True:
                page = matches_in_turn(reads, waiting, after, limit + 1, department)
                found += [self._listed(reads, match, check) for match, check in page[:limit]]
                if len(page) <= limit:
                    return found, ""
                after = turn_of(page[limit - 1][0])
                if page_size:
                    return found, page_tokens.written(after)

    def _listed(self, reads: QueryReads, match: MatchRow, check: StoredCheck) -> dict[str, Any]:
        """A match as a line, with the case as its department calls it while that is kept."""
        case_no = str(self._asked(check).get("case_no", ""))
        return self.match(reads, match) | {"department": check.department, "case_no": case_no}

    def reported(self, department: str | None) -> list[dict[str, Any]]:
        """What was reported, the newest first: out of the logs, or a department's own matches."""
        if department is not None:
            return self._of_states(_REPORTED, department)[::-1]
        with self._store.read() as session:
            told = self._reads.all(session)
        newest = {id(case.now): case for case in cases([one.told for one in told])}
        shown = [self._told(one, newest.get(id(one.told))) for one in told]
        return sorted(shown, key=lambda one: -int(one["said_at"]))

    def figures(self, first: Date, last: Date) -> dict[str, Any]:
        """Figures of a period by list, matter, measure, department and region, and its cases."""
        with self._store.read() as session:
            told = self._reads.all(session)
        rule = self._catalog().case_rule(self._today())
        qualifies = qualifier(rule, self._working_days())
        found = cases([one.told for one in told])
        bases = {id(one.told): one for one in told}
        groups = count(found, first, last, qualifies)
        return {
            "period": {"first": first, "last": last},
            "rule": None
            if rule is None
            else {
                "basis": rule.basis,
                "results": sorted(rule.results),
                "within_days": rule.within_days,
                "columns": dict(rule.columns),
            },
            "rows": [
                {
                    **group._asdict(),
                    "list_name": self._list_name(group.list_type),
                    "matter_name": self._matter_name(group.matter),
                    "cases": counted.cases,
                    "applied": counted.applied,
                    "prompted": counted.prompted,
                    "not_applied": counted.not_applied,
                    "proceeded": counted.proceeded,
                    "undone": counted.undone,
                    "wrong": counted.wrong,
                    "qualified": counted.qualified,
                }
                for group, counted in groups.items()
            ],
            "cases": [
                self._case(case, bases) | {"qualified": qualifies(case)}
                for case in found
                if first <= (case.act or case.now).decided_on <= last
            ],
        }

    def report(self) -> dict[str, Any]:
        """What is open, late and reopened, for `huxin status`; no subject in it."""
        today = self._today()
        waiting = spans(today)
        late = [one for one in waiting if is_overdue(one.state, one.last, today)]
        reopened = [one for one in waiting if one.state is MatchState.REOPENED]
        with self._queries.read() as reads:
            counted = dict(zip(waiting, count_spans(reads, waiting), strict=True))
            named = [
                [_named(*one) for one in matches_in_turn(reads, some, None, NAMED)]
                for some in (late, reopened)
            ]
        return {
            "pending": sum(n for one, n in counted.items() if one.state is MatchState.PENDING),
            "reopened": sum(counted[one] for one in reopened),
            "overdue": sum(counted[one] for one in late),
            "reopened_overdue": sum(counted[one] for one in late if one in reopened),
            "late": named[0],
            "to_undo": named[1],
        }

    def _of_states(
        self, states: Collection[MatchState], department: str | None
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after: MatchRow | None = None
        with self._queries.read() as reads:
            while page := matches_in(reads, states, after):
                found += [
                    self._listed(reads, match, check)
                    for match, check in page
                    if department in (None, check.department)
                ]
                after = page[-1][0]
        return found

    def _told(self, one: OutcomeRead, case: Case | None) -> dict[str, Any]:
        told = one.told
        return {
            "statement_id": one.statement_id.hex(),
            "side": "reported" if one.ours else "received",
            "region": told.region,
            "from": one.to,
            "record": f"{told.origin}#{told.index}",
            "list_type": told.list_type,
            "list_name": self._list_name(told.list_type),
            "listing_state": "" if one.listing is None else _state(one.listing.state),
            "matter": told.matter,
            "matter_name": self._matter_name(told.matter),
            "department": told.department,
            "measure": told.measure,
            "basis": one.outcome.measure_basis,
            "result": result_name(told.result),
            "reason": told.reason,
            "decided_on": told.decided_on,
            "said_at": one.issued_at,
            "case": told.case_id.hex(),
            "in_force": case is not None,
        }

    def _case(self, case: Case, bases: dict[int, OutcomeRead]) -> dict[str, Any]:
        told = case.act or case.now
        one = bases[id(told)]
        return {
            "region": told.region,
            "department": told.department,
            "list_type": told.list_type,
            "list_name": self._list_name(told.list_type),
            "matter": self._matter_name(told.matter),
            "measure": told.measure,
            "result": "undone" if case.undone else result_name(told.result),
            "decided_on": told.decided_on,
            "basis": one.outcome.measure_basis,
            "origin": one.to,
            "case": told.case_id.hex(),
        }

    def _listing(self, session: ReadSession, match: MatchRow) -> dict[str, Any] | None:
        """The listing as it is held now; None where it is not, or not any more."""
        head = session.head(Origin(match.origin))
        rows = [] if head is None else session.rows_at([(head.log, match.idx)])
        if not rows:
            return None
        (view,) = self._records.views(session, rows)
        payloads = self._records.payloads
        subject = view.subject or subject_by_relief(session, rows[0], payloads)
        heads = {one.log: one for one in session.heads()}
        ended = ended_by(session, rows[0], heads, self._trust(), payloads)
        return {
            "statement_id": view.statement_id.hex(),
            "state": view.state,
            "subject_name": "" if subject is None else subject.name,
            "subject_code": "" if subject is None else subject.code,
            "ended_by": None
            if ended is None
            else {
                "statement_id": ended.statement_id.hex(),
                "kind": Kind(ended.kind).name.lower(),
                "city": ended.city,
                "document": ended.document,
                "decided_on": ended.decided_on,
            },
            "authority_name": view.authority_name,
            "document": view.document,
            "decided_on": view.decided_on,
        }

    def _persons(self, reads: QueryReads, match: MatchRow) -> list[str]:
        """Who is responsible for each report, where that is still kept; else nobody."""
        return [self._person(row) for row in outcomes_of_case(reads, twins_of(reads, match))]

    def _person(self, row: OutcomeRow) -> str:
        if row.sealed is None:
            return ""
        with suppress(SealError):
            sealed = Sealed(key=row.key, data=row.sealed)
            return str(json.loads(self._keys.open(sealed, place=row.statement_id))["person"])
        return ""

    def _asked(self, check: StoredCheck) -> dict[str, Any]:
        """What was asked; nothing once that is erased."""
        if check.sealed is None:
            return {}
        with suppress(SealError, ValueError):
            sealed = Sealed(key=check.key, data=check.sealed)
            return dict(json.loads(self._keys.open(sealed, place=check.number.encode())))
        return {}

    def _list_name(self, list_type: str) -> str:
        return name_of_list(self._catalog(), self._today(), list_type)

    def _matter_name(self, code: str) -> str:
        matter = self._catalog().matter(code, self._today())
        return code if matter is None else matter.name

    def _city(self, origin: str) -> str:
        return self._trust().city(Origin(origin)) or origin


def _named(match: MatchRow, check: StoredCheck) -> dict[str, Any]:
    return {
        "check": match.number,
        "record": f"{match.origin}#{match.idx}",
        "department": check.department,
        "due_on": match.due_on,
    }


def _turn(token: str) -> Turn | None:
    """Whose turn it was last.

    Raises:
        StatementError: `page-token.invalid`.
    """
    said = page_tokens.parts(token)
    match said:
        case []:
            return None
        case [str(state), int(due_on), str(number), str(origin), int(idx)] if (
            state in OPEN and max(due_on, idx).bit_length() < _BITS
        ):
            return Turn(state, due_on, number, origin, idx)
    raise page_tokens.invalid()


def _report(row: OutcomeRow) -> dict[str, Any]:
    return {
        "statement_id": row.statement_id.hex(),
        "measure": row.measure,
        "result": row.result,
        "reason": row.reason,
        "decided_on": row.decided_on,
        "reported_at": row.reported_at,
        "published": row.published,
    }


def _state(state: int) -> str:
    return State(state).name.lower().replace("_", "-")
