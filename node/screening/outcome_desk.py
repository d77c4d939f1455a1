"""Outcomes 惩戒反馈 for departments and the operator: handed in, listed, shown.

What is handed in is durable in the query store before it is said (`node.screening.outcome_saying`),
and answered when it stands in our log; where nothing may be signed now, it is said later, and the
answer says so (`published`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from adapters.sql.checks import StoredCheck, check_by_number
from adapters.sql.outcomes import (
    MatchRow,
    OutcomeRow,
    add_outcome,
    match_of,
    matches_now,
    outcome_by_request,
    outcomes_of_case,
    put_match,
    twins_of,
)
from adapters.sql.query_store import QueryReads, QueryStore, QueryWrites
from federation.case_payloads import OutcomeResult
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.screening.outcomes import MatchState, Report, Result, said, take
from node.access.query_keys import QueryKeys
from node.access.query_writer import QueryWriter
from node.screening.outcome_documents import OutcomeDocuments
from node.screening.outcome_saying import OutcomeSaying
from node.screening.outcome_states import matched, report_of
from node.system.failpoints import Failpoints

CASE_ID_SIZE: Final = 16
STATEMENT_ID_SIZE: Final = 16
PERSON_MAX: Final = 64
NUMBER_MAX: Final = 64
_ACTS: Final = (OutcomeResult.APPLIED, OutcomeResult.PROMPTED)


class Reporter(Protocol):
    """Who reports; `federation.screening.roles.Asker`, as far as it matters here."""

    @property
    def credential(self) -> str:
        """Id of the credential; empty for the operator."""
        ...

    @property
    def department(self) -> str:
        """Whose credential it is."""
        ...

    @property
    def local(self) -> bool:
        """Whether it is who works at the node, for every department (AC29)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What is handed in about one match."""

    check: str
    origin: str
    index: int
    report: Report
    person: str
    """Who is responsible; never leaves the query store."""
    request_id: str = ""
    corrects: bool = False


def read_report(raw: Mapping[str, Any]) -> HandedIn:
    """Read what is handed in.

    Raises:
        RefusedError: `outcome.form`, `outcome.result`, `outcome.date`, `outcome.person`.
    """
    check, origin = _text(raw, "check", NUMBER_MAX), _text(raw, "origin", 256)
    measure, reason = _text(raw, "measure", 64), _text(raw, "reason", 64)
    index, day = raw.get("index"), raw.get("decided_on")
    if type(index) is not int or not 0 <= index < 2**62 or not check or not origin:
        message = "expected check (the answer's number), origin and index of the record"
        raise RefusedError("outcome.form", message)
    word = raw.get("result")
    if word not in tuple(Result):
        got = str(word)[:40]
        message = (
            f"结果应为 {'、'.join(Result)}，实为 {got} / "
            f"expected one of {', '.join(Result)}, got {got!r}"
        )
        raise RefusedError("outcome.result", message)
    if type(day) is not int or not 19490101 <= day <= 29991231:
        message = f"expected decided_on as YYYYMMDD, got {str(day)[:40]!r}"
        raise RefusedError("outcome.date", message)
    person = _text(raw, "person", PERSON_MAX).strip()
    if not person:
        message = "expected the name of who is responsible 责任人"
        raise RefusedError("outcome.person", message)
    return HandedIn(
        check=check,
        origin=origin,
        index=index,
        report=Report(measure=measure, result=Result(word), reason=reason, decided_on=Date(day)),
        person=person,
        request_id=_text(raw, "request_id", 64),
        corrects=raw.get("corrects") is True,
    )


class OutcomeDesk:
    """Takes, lists and shows outcomes; any thread, blocks."""

    def __init__(
        self,
        *,
        queries: QueryStore,
        query_writer: QueryWriter,
        keys: QueryKeys,
        saying: OutcomeSaying,
        documents: OutcomeDocuments,
        now: Callable[[], Timestamp],
        today: Callable[[], Date],
        token: Callable[[int], bytes],
        failpoints: Failpoints,
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._queries = queries
        self._query_writer = query_writer
        self._keys = keys
        self._saying = saying
        self._documents = documents
        self._now = now
        self._today = today
        self._token = token
        self._failpoints = failpoints

    def report(self, asker: Reporter, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Take the outcome of one measure of one match.

        The same again is answered as the first time.

        Args:
            asker: who reports; only the department that asked may.
            raw: check, origin, index, measure, result, reason, decided_on, person; request_id and
                corrects where wanted.

        Raises:
            RefusedError: `outcome.…`, `request.reused`.
            StoreError: a database.
        """
        handed = read_report(raw)
        with self._failpoints.at("outcome.take"):
            rows = self._query_writer.submit(
                lambda writes: self._take(writes, asker, handed)
            ).result()
        try:
            self._saying.run()
        except RefusedError as error:
            later = error.code
        else:
            later = ""
        with self._queries.read() as reads:
            match = _match(reads, asker, handed.check, handed.origin, handed.index)[1]
            ids = {row.statement_id for row in rows}
            told = outcomes_of_case(reads, twins_of(reads, match))
            now = [row for row in told if row.statement_id in ids]
            shown = self._documents.match(reads, match)
        return shown | {
            "published": all(row.published for row in now),
            "later": "" if all(row.published for row in now) else later,
            "statements": [row.statement_id.hex() for row in now],
        }

    def get(self, asker: Reporter, number: str) -> dict[str, Any]:
        """A check with its matches and what was reported of them.

        Raises:
            RefusedError: `outcome.unknown`.
        """
        with self._queries.read() as reads:
            check = _check(reads, asker, number)
            return self._documents.check(reads, check, matches_now(reads, number))

    def pending(
        self, asker: Reporter, page_size: int = 0, page_token: str = ""
    ) -> tuple[list[dict[str, Any]], str]:
        """What is to be reported, of all departments for the operator (`OutcomeDocuments.pending`).

        Raises:
            StatementError: `page-token.invalid`.
        """
        return self._documents.pending(_sees(asker), page_size, page_token)

    def list(self, asker: Reporter) -> list[dict[str, Any]]:
        """What was reported: to the operator by this city and about its listings; the newest first.

        A department sees its own reports.
        """
        return self._documents.reported(_sees(asker))

    def figures(self, first: Date, last: Date) -> dict[str, Any]:
        """Figures of a period."""
        return self._documents.figures(first, last)

    def _take(self, writes: QueryWrites, asker: Reporter, handed: HandedIn) -> Sequence[OutcomeRow]:
        """Keep a report; the rows that say it, also where it was reported before."""
        check, match = _match(writes, asker, handed.check, handed.origin, handed.index)
        twins = twins_of(writes, match)
        rows = outcomes_of_case(writes, twins)
        key = self._request_key(asker, handed)
        if key is not None and (before := outcome_by_request(writes, key)) is not None:
            if report_of(before) != handed.report or (before.origin, before.idx) != (
                match.origin,
                match.idx,
            ):
                message = f"{handed.request_id!r} was used for another report"
                raise RefusedError("request.reused", message)
            return [before]
        if same := _same_mistake(match, rows, handed.report):
            return same
        state = take(matched(match, rows), handed.report, self._today(), corrects=handed.corrects)
        if state is None:
            return [_last(rows, handed.report.measure)]
        new = self._rows(check, match, rows, handed, key)
        for row in new:
            add_outcome(writes, row)
        for one in twins:
            if one.state != state or one.number == match.number:
                changed = replace(one, state=state.value, outcome_id=new[-1].statement_id)
                put_match(writes, changed)
        return new

    def _rows(
        self,
        check: StoredCheck,
        match: MatchRow,
        rows: Sequence[OutcomeRow],
        handed: HandedIn,
        key: bytes | None,
    ) -> Sequence[OutcomeRow]:
        """What is said of a report: of one measure; that it is another subject's, of all taken."""
        in_force = {row.measure: row for row in rows}
        measures = [handed.report.measure]
        if handed.report.result is Result.WRONG_SUBJECT:
            taken = [m for m, row in in_force.items() if OutcomeResult(row.said) in _ACTS]
            measures = taken or measures
        case_id = rows[0].case_id if rows else self._case_id(check, match)
        made: list[OutcomeRow] = []
        for measure in measures:
            before = in_force.get(measure)
            report = replace(handed.report, measure=measure)
            result, reason = said(
                report,
                None if before is None else OutcomeResult(before.said),
                MatchState(match.state),
            )
            statement_id = self._token(STATEMENT_ID_SIZE)
            sealed = self._keys.seal(_sealed(handed.person), place=statement_id)
            made.append(
                OutcomeRow(
                    statement_id=statement_id,
                    number=match.number,
                    origin=match.origin,
                    idx=match.idx,
                    turn=len(rows) + len(made) + 1,
                    measure=measure,
                    result=report.result.value,
                    reason=report.reason,
                    decided_on=report.decided_on,
                    case_id=case_id,
                    said=result,
                    said_reason=reason,
                    replaces=None if before is None else before.statement_id,
                    reported_at=self._now(),
                    published=False,
                    request_key=None if made else key,
                    key=sealed.key,
                    sealed=sealed.data,
                )
            )
        return made

    def _case_id(self, check: StoredCheck, match: MatchRow) -> bytes:
        """The same for all that is said of one case, whatever log its record came by (OC8)."""
        parts = (check.department.encode(), check.matter.encode(), check.case_tag, match.record_tag)
        return self._keys.mac(b"case\0" + b"\0".join(parts))[:CASE_ID_SIZE]

    def _request_key(self, asker: Reporter, handed: HandedIn) -> bytes | None:
        if not handed.request_id:
            return None
        return self._keys.tag(f"outcome\0{asker.credential}\0{handed.request_id}".encode())


def _last(rows: Sequence[OutcomeRow], measure: str) -> OutcomeRow:
    return next(row for row in reversed(rows) if row.measure == measure)


def _same_mistake(
    match: MatchRow, rows: Sequence[OutcomeRow], report: Report
) -> Sequence[OutcomeRow]:
    """What said already that the match is of another subject: of each measure taken one."""
    if match.state != MatchState.WRONG or report.result is not Result.WRONG_SUBJECT:
        return []
    return [
        row for row in rows if row.result == report.result and row.decided_on == report.decided_on
    ]


def _sealed(person: str) -> bytes:
    return json.dumps({"person": person}, ensure_ascii=False).encode()


def _sees(asker: Reporter) -> str | None:
    """The department whose reports an asker sees; None for all of them."""
    return None if asker.local else asker.department


def _check(reads: QueryReads, asker: Reporter, number: str) -> StoredCheck:
    """A check that is the asker's to report on.

    Raises:
        RefusedError: `outcome.unknown`: there is none, or it is another department's.
    """
    check = check_by_number(reads, number)
    if check is not None and asker.local:
        return check
    if check is not None and asker.department and check.department == asker.department:
        return check
    message = f"no check {number[:NUMBER_MAX]!r} of this department; see `huxin outcomes pending`"
    raise RefusedError("outcome.unknown", message)


def _match(
    reads: QueryReads, asker: Reporter, number: str, origin: str, index: int
) -> tuple[StoredCheck, MatchRow]:
    check = _check(reads, asker, number)
    match = match_of(reads, number, origin, index)
    if match is None:
        message = f"check {number} has no match {origin[:80]}#{index}"
        raise RefusedError("outcome.unknown", message)
    return check, match


def _text(raw: Mapping[str, Any], name: str, longest: int) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        message = f"{name}: expected a text of at most {longest} characters"
        raise RefusedError("outcome.form", message)
    return value
