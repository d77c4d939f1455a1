"""The queue of cases 待核案件: which there are, of whom, since when each waits, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from federation.errors import StatementError
from federation.ids import Date, StatementId, Timestamp
from federation.letters import LetterKind, letter_about
from federation.ports.findings import Place
from federation.ports.journal import Decision
from federation.ports.store import ReadSession, Store
from federation.reconcile.cases import NO_VERDICTS, Verdict, Waits, times_decided, waiting_for
from federation.reconcile.findings import DECIDED_FINDINGS, HELD_FINDINGS, RULES, Finding
from federation.reconcile.views import RecordView
from federation.rows import StatementRow
from federation.subject_names import normal_name
from federation.working_days import WorkingDays
from node.codec import page_tokens
from node.reconcile.decided_cases import decided_by, decided_places
from node.records.records import Records
from node.records.seeking import AT_ONCE, OPENED
from node.system.clock import date_of

PAGE: Final = 100
_BEGIN_ANEW: Final = NO_VERDICTS | {Verdict.REOPEN}
"""Words with which a case waits from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which cases are asked for.

    Attributes:
        rule: code of a rule; empty: all that are open; `decision.use`, `decision.reject`: those
            that persons decided so.
        list_type: of this list alone; empty: of any.
        text: part of the subject's name or code, of the document's number, or of the id; empty:
            any.
        waits: of `Waits`; empty: all. A rule is not asked for with it.
    """

    rule: str = ""
    list_type: str = ""
    text: str = ""
    waits: str = ""


ALL_OPEN: Final = Sought()


class CaseQueue:
    """Finds cases; any thread, blocks."""

    def __init__(
        self,
        *,
        store: Store,
        records: Records,
        working_days: Callable[[], WorkingDays],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `working_days` are those of the node's tables."""
        self._store = store
        self._records = records
        self._working_days = working_days
        self._today = today

    def list(
        self, sought: Sought, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """Open cases, in the order of the logs; of those somebody spoke about the last one first.

        Args:
            sought: which.
            page_size: at most so many; 0 for a hundred. Fewer, or none, where few of many are
                sought: so many are looked at for one page, and the next goes on from there.
            page_token: of the page before, or empty.

        Raises:
            StatementError: `rule.unknown`, `request.invalid`, `page-token.invalid`.
        """
        size = page_size or PAGE
        after = page_tokens.read(page_token)
        found: list[dict[str, Any]] = []
        looked = 0
        filtered = bool(sought.text or sought.list_type)
        with self._store.read() as session:
            parts = self._parts(session, sought, after, AT_ONCE if filtered else size)
            for held in parts:
                after = held[-1][0]
                looked += len(held)
                for place, case in self._cases(session, sought, dict(held)):
                    found.append(case)
                    if len(found) == size:
                        return found, page_tokens.write(place)
                if looked >= OPENED:
                    return found, page_tokens.write(after)
        return found, ""

    def waiting(self) -> dict[str, int]:
        """How many cases wait for whom, by `Waits`; nothing of any subject is read."""
        with self._store.read() as session:
            return {one.value: len(_spoken(session, one)) for one in Waits}

    def _parts(
        self, session: ReadSession, sought: Sought, after: Place | None, limit: int
    ) -> Iterator[Sequence[tuple[Place, int]]]:
        """What may be sought, a part after the other, in their order."""
        if sought.waits:
            if sought.waits not in tuple(Waits) or sought.rule:
                message = (
                    f"waits: expected one of {', '.join(Waits)}, without a rule, got "
                    f"{sought.waits[:20]!a}"
                )
                raise StatementError("request.invalid", message)
            places = _spoken(session, Waits(sought.waits))
            at = [place for place, _ in places].index(after) + 1 if after in dict(places) else 0
            yield from (places[i : i + limit] for i in range(at, len(places), limit))
            return
        wanted, decided = _findings(sought.rule)
        while True:
            held = (
                decided_places(session, decided, after, limit)
                if decided
                else session.held_findings(after, limit, wanted)
            )
            if not held:
                return
            yield held
            after = held[-1][0]

    def _cases(
        self, session: ReadSession, sought: Sought, findings: Mapping[Place, int]
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        rows = {(row.log, row.idx): row for row in session.rows_at(list(findings))}
        ordered = [
            rows[place]
            for place in findings
            if place in rows and sought.list_type in ("", rows[place].list_type)
        ]
        views = self._records.views(session, ordered)
        said = session.decisions([(row.log, row.idx) for row in ordered])
        days, today = self._working_days(), self._today()
        for row, view in zip(ordered, views, strict=True):
            place = (row.log, row.idx)
            words = said.get(place, ())
            if sought.text and not _fits(sought.text, view):
                continue
            finding = findings[place]
            since = _since(view, words)
            waits = sorted(waiting_for(words, finding))
            decided = _decided(view, words) if words and finding in DECIDED_FINDINGS else {}
            age = {"since": since, "working_days": days.elapsed(date_of(since), today)}
            yield place, brief(view, finding) | {"waits_for_second_person": waits} | age | decided


def brief(view: RecordView, finding: int) -> dict[str, Any]:
    """A case as a line of the queue."""
    rule = RULES.get(finding)
    subject = view.subject
    return {
        "statement_id": view.statement_id.hex(),
        "origin": view.origin,
        "city": view.city,
        "index": view.index,
        "list_type": view.list_type,
        "subject_code": "" if subject is None else subject.code,
        "subject_name": "" if subject is None else subject.name,
        "authority": view.authority_name or view.authority,
        "authority_name": view.authority_name,
        "document": view.document,
        "decided_on": view.decided_on,
        "publish_until": view.publish_until,
        "rule": "" if rule is None else rule.code,
        "rule_zh": "" if rule is None else rule.chinese,
        "rule_en": "" if rule is None else rule.english,
        "decidable": rule is not None and finding in HELD_FINDINGS and not rule.catalog_only,
    }


def _findings(rule: str) -> tuple[Sequence[int] | None, Finding | None]:
    """Which findings a rule's code means: held ones, None for all of them, or one of decisions.

    Raises:
        StatementError: `rule.unknown`.
    """
    wanted = [n for n in HELD_FINDINGS if rule in ("", RULES[n].code)]
    decided = [n for n in DECIDED_FINDINGS if rule == RULES[n].code]
    if not wanted and not decided:
        known = ", ".join(RULES[n].code for n in (*HELD_FINDINGS, *DECIDED_FINDINGS))
        raise StatementError("rule.unknown", f"expected one of {known}, got {rule[:60]!r}")
    return (wanted if rule else None), (decided[0] if decided else None)


def _spoken(session: ReadSession, waits: Waits) -> list[tuple[Place, int]]:
    """Cases about which somebody spoke that wait for another one, the last first.

    The whole journal of decisions is read, which persons wrote by hand.
    """
    words: dict[Place, list[Decision]] = {}
    for one in reversed(session.all_decisions()):
        words.setdefault((one.log, one.index), []).insert(0, one)
    found = session.findings(list(words))
    if waits is Waits.SECOND:
        return [(at, found[at]) for at in words if at in found and _second(words[at], found[at])]
    decided = [(at, found[at]) for at in words if found.get(at) in DECIDED_FINDINGS]
    rows = {(row.log, row.idx): row for row in session.rows_at([at for at, _ in decided])}
    return [
        (at, finding)
        for at, finding in decided
        if at in rows and _unissued(session, rows[at], words[at])
    ]


def _second(words: Sequence[Decision], finding: int) -> bool:
    return finding in HELD_FINDINGS and bool(waiting_for(words, finding))


def _unissued(session: ReadSession, row: StatementRow, words: Sequence[Decision]) -> bool:
    about = _letter(StatementId(row.statement_id), words)
    return session.letter(LetterKind.DECISION, about) is None


def _decided(view: RecordView, words: Sequence[Decision]) -> dict[str, Any]:
    """By whom and when it was decided, and what its letter is about."""
    return decided_by(words) | {"letter": _letter(view.statement_id, words)}


def _letter(statement_id: StatementId, words: Sequence[Decision]) -> str:
    return letter_about(statement_id, times_decided(words, words[-1].finding))


def _since(view: RecordView, words: Sequence[Decision]) -> Timestamp:
    """From when a case waits as it does: when its city said it, or when persons last spoke.

    When it came here is kept nowhere; it waits no longer than since it was said.
    """
    spoken = [one.at for one in words if one.verdict in _BEGIN_ANEW or one is words[-1]]
    return max((Timestamp(view.issued_at), *spoken))


def _fits(text: str, view: RecordView) -> bool:
    subject, plain = view.subject, normal_name(text)
    said = [view.document, *(() if subject is None else (subject.name, subject.code))]
    return view.statement_id.hex().startswith(text.lower()) or any(
        bool(plain) and plain in normal_name(one) for one in said
    )
