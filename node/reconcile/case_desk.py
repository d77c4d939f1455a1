"""Cases 待核案件 as an operator sees and decides them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from adapters.catalog.library import DAMAGED
from federation.errors import RefusedError
from federation.ids import StatementId, Timestamp
from federation.letters import letter_about
from federation.life.life import SIMILAR
from federation.persons import Sort, decision_body, distinct, read_persons
from federation.ports.journal import Decision
from federation.ports.store import ReadSession, Store
from federation.reconcile.cases import (
    ROW_NAMED,
    Verdict,
    check_decision,
    handled,
    last_said,
    times_decided,
    verdict_of,
    waiting_for,
)
from federation.reconcile.findings import RULES, Finding
from federation.reconcile.identity import BaseLibrary, BaseSubject
from federation.reconcile.plausibility import Doubt
from federation.reconcile.views import RecordView
from federation.record_key import UNIFIED, same_subject
from federation.rows import JUDGED_KINDS, StatementRow
from federation.shown import check_shown, digest
from federation.subject_names import normal_name
from node.log.ledger import Ledger
from node.log.writer import WriteThread
from node.persons.posts import Posts
from node.persons.roster import Persons
from node.reconcile.case_queue import CaseQueue, brief
from node.reconcile.job import judge_anew
from node.reconcile.judging import Reconciliation
from node.reconcile.proposals import Proposals
from node.reconcile.signature_check import check_words
from node.records.attestations import Attestations
from node.records.records import Records

SUGGESTIONS: Final = 5
_ATTESTED: Final = ("from", "agreement", "status", "successor", "code")
_ID_NUMBER: Final = re.compile(r"\d{17}[\dXx]|\d{15}")


class CaseDesk:
    """Answers `huxin cases`; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.app.wiring
        self,
        *,
        store: Store,
        writer: WriteThread,
        records: Records,
        reconciliation: Reconciliation,
        attestations: Attestations,
        library: BaseLibrary,
        proposals: Proposals,
        queue: CaseQueue,
        list_name: Callable[[str], str],
        persons: Persons,
        posts: Posts,
        ledger: Ledger,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `list_name` is what a list is called by the catalog of today."""
        self.queue = queue
        self._store = store
        self._writer = writer
        self._records = records
        self._reconciliation = reconciliation
        self._attestations = attestations
        self._library = library
        self._proposals = proposals
        self._list_name = list_name
        self._persons = persons
        self._posts = posts
        self._ledger = ledger
        self._now = now

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One case: what each side says, the rule, suggestions, history.

        Raises:
            RefusedError: `case.unknown`.
        """
        with self._store.read() as session:
            row = _row(session, statement_id)
            place = (row.log, row.idx)
            finding = session.findings([place]).get(place, Finding.NONE)
            question = self._reconciliation.question(session, row)
            doubt = self._reconciliation.doubt(session, row)
            said = session.decisions([place]).get(place, ())
            (view,) = self._records.views(session, [row], whole=True)
            copies = self._copies(session, row)
            attested = self._attestations.shown(session, place)
            shown = self._shown(session, row, question, said)
        known, fault = self._answer(view)
        return {
            **brief(view, finding),
            "shown": shown,
            "list_name": self._list_name(view.list_type),
            "question": RULES[question].code if question in RULES else "",
            "doubt": _doubt(doubt) if doubt is not None else None,
            "repair_possible": list(view.repair_possible),
            "origin_says": json.loads(view.payload_json) if view.payload_json else None,
            "library_says": None if known is None else _subject(known),
            "library_fault": fault,
            "home_says": attested,
            "copies": copies,
            "suggestions": [] if fault else self._suggestions(view),
            "history": [_said(one) | self._posts.of(one.person)._asdict() for one in said],
            "decided": verdict_of(said, question),
            **self._hands(statement_id, said, question),
            "waits_for_second_person": sorted(waiting_for(said, question)),
            "signed": bool(self._persons.keys),
        }

    def hands(self, statement_id: StatementId) -> dict[str, Any]:
        """Who had a hand in what was decided on a case, and what its letter is about.

        Nothing of its subject: who looks at a record has that already, and it is recorded once.

        Raises:
            RefusedError: `case.unknown`.
        """
        with self._store.read() as session:
            row = _row(session, statement_id)
            question = self._reconciliation.question(session, row)
            place = (row.log, row.idx)
            said = session.decisions([place]).get(place, ())
        return self._hands(statement_id, said, question)

    def _hands(
        self, statement_id: StatementId, said: Sequence[Decision], question: int
    ) -> dict[str, Any]:
        return {
            "letter": letter_about(statement_id, times_decided(said, question)),
            "handled": [
                {"step": step, "name": one.person, "at": one.at}
                | self._posts.of(one.person)._asdict()
                for step, one in handled(said, question)
            ],
        }

    def decide(
        self,
        statement_id: StatementId,
        verdict: str,
        person: str,
        reason: str,
        note: str = "",
        *,
        shown: str = "",
    ) -> dict[str, Any]:
        """Take a person's decision; the listing is judged anew at once.

        Args:
            statement_id: of a listing of another city.
            verdict: `use`, `reject` or `reopen`.
            person: who decides.
            reason: why, without anything of the subject.
            note: the person's signed word, where the node names its persons.
            shown: digest of the case as the person saw it, of `get`; may be empty (V10).

        Raises:
            RefusedError: `case.unknown`, `case.verdict`, `case.closed`, `case.catalog-only`,
                `case.decided`, `seen.changed`, `case.same-person`, `case.reason`, `person.none`,
                `person.…`; `library.damaged`, where it is to be used (F57).
        """
        person, reason = person.strip(), reason.strip()
        if verdict not in tuple(Verdict):
            message = f"expected one of {', '.join(Verdict)}, got {verdict[:40]!r}"
            raise RefusedError("case.verdict", message)

        def job() -> list[str]:
            with self._store.write() as session:
                row = _row(session, statement_id)
                place = (row.log, row.idx)
                (view,) = self._records.views(session, [row])
                # What takes a listing out of use needs no library (F57).
                known = self._known(view) if verdict == Verdict.USE else self._answer(view)[0]
                _check_reason(reason, view, known)
                said = session.decisions([place]).get(place, ())
                finding = self._reconciliation.question(session, row)
                check_decision(said, finding, verdict, person)
                if shown:
                    now = self._shown(session, row, finding, said)
                    check_shown(shown, now, last_said(said))
                users = waiting_for(said, finding)
                session.put_decision(
                    Decision(
                        at=self._now(),
                        log=row.log,
                        index=row.idx,
                        finding=finding,
                        verdict=verdict,
                        person=person,
                        reason=reason,
                        note=self._persons.heard(
                            note,
                            Sort.DECISION,
                            decision_body(
                                statement_id=statement_id,
                                rule=RULES[finding].code,
                                verdict=verdict,
                                person=person,
                                reason=reason,
                            ),
                            [person],
                            since=said[-1].at if said else Timestamp(0),
                            earlier=[one.note for one in said if one.note],
                        ),
                    )
                )
                session.put_due([place])
                if finding == Finding.SIMILAR and verdict == Verdict.USE and users:
                    self._ledger.relieved.tell_apart(
                        session, row, sorted(distinct((*users, person)))
                    )
                judge_anew(self._reconciliation, session, [place])
                after = session.decisions([place]).get(place, ())
                return sorted(waiting_for(after, finding))

        waits = self._writer.submit(job).result()
        second = verdict == Verdict.USE and len(waits) == 1
        return {
            "statement_id": statement_id.hex(),
            "verdict": verdict,
            "person": person,
            "second_person_needed": second,
            "waits_for_second_person": waits if second else [],
            "second_may_be": sorted(set(self._persons.keys) - set(waits)) if second else [],
        }

    def propose(self, statement_id: StatementId, like: str, person: str) -> str:
        """Write an edition of the catalog that would cure what stopped a listing.

        Args:
            statement_id: of a listing of another city.
            like: the list of ours that its list is, where ours has another code for it.
            person: who proposes.

        Raises:
            RefusedError: `case.unknown`, `case.no-proposal`, `catalog.persons`, `person.unknown`.
        """
        self._persons.check_known(person.strip())
        with self._store.read() as session:
            row = _row(session, statement_id)
            finding = self._reconciliation.question(session, row)
        return self._proposals.text(row, finding, like, person)

    def check_words(self, former: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every decision, edition and confirmation, and whether its persons signed it.

        Args:
            former: verifier keys of persons who left.

        Raises:
            RefusedError: `person.key`, `person.same-key`.
        """
        known = {name: str(key) for name, key in self._persons.keys.items()}
        left = {vkey.partition("+")[0]: vkey for vkey in former}
        keys = read_persons(left | known)
        with self._store.read() as session:
            yield from check_words(session, self._persons, keys)

    def _shown(
        self, session: ReadSession, row: StatementRow, question: int, said: Sequence[Decision]
    ) -> str:
        """Digest of what a person decides on (V10).

        The record as it stands, the rule, what the library and the home region say of the subject,
        and every word before. Copies of the record are cases of their own, and that the home
        region was asked once more and said the same is no change.
        """
        (view,) = self._records.views(session, [row], whole=True)
        doubt = self._reconciliation.doubt(session, row)
        known, fault = self._answer(view)
        attested = self._attestations.shown(session, (row.log, row.idx)) or {}
        return digest(
            {
                "statement_id": view.statement_id.hex(),
                "record": [view.payload_json, view.state, view.ended_by is not None],
                "question": int(question),
                "doubt": "" if doubt is None else doubt.code,
                "library": fault or (None if known is None else _subject(known)),
                "home": {name: attested.get(name) for name in _ATTESTED},
                "words": [(one.at, one.finding, one.verdict, one.person) for one in said],
            }
        )

    def _known(self, view: RecordView) -> BaseSubject | None:
        """What the library has under the code that the record names."""
        subject = view.subject
        if subject is None:
            return None
        return self._library.by_code(subject.scheme, [subject.code]).get(subject.code)

    def _answer(self, view: RecordView) -> tuple[BaseSubject | None, str]:
        """See `_known`; and the code of why the library cannot be asked (F57), or empty."""
        try:
            return self._known(view), ""
        except RefusedError as error:
            if error.code != DAMAGED:
                raise
            return None, DAMAGED

    def _copies(self, session: ReadSession, row: StatementRow) -> Sequence[dict[str, Any]]:
        """The same record as other logs have it."""
        if row.record_tag is None:
            return []
        places = [p for _, p in session.listings_of([row.record_tag]) if p != (row.log, row.idx)]
        rows = session.rows_at(places)
        found = session.findings(places)
        return [
            brief(view, found.get((r.log, r.idx), Finding.NONE))
            for view, r in zip(self._records.views(session, rows), rows, strict=True)
        ]

    def _suggestions(self, view: RecordView) -> Sequence[dict[str, Any]]:
        """Subjects of that name under other codes; a person compares, no rule decides."""
        if view.subject is None:
            return []
        found = self._library.by_name(normal_name(view.subject.name), SUGGESTIONS)
        itself = same_subject(view.subject.scheme, view.subject.code)
        return [_subject(one) for one in found if same_subject(UNIFIED, one.code) != itself]


def _row(session: ReadSession, statement_id: StatementId) -> StatementRow:
    ours = {head.log for head in session.heads() if head.ours}
    for row in session.rows_by_id(None, [statement_id]):
        if row.kind not in JUDGED_KINDS:
            continue
        if row.log not in ours or row.rule == SIMILAR or session.findings([(row.log, row.idx)]):
            return row
    message = f"{statement_id.hex()}: expected a listing of another city, or one that is held here"
    raise RefusedError("case.unknown", message)


def _check_reason(reason: str, view: RecordView, known: BaseSubject | None) -> None:
    """A reason is kept for ever: nothing of the subject may stand in it, however it is written."""
    subject, text = view.subject, normal_name(reason)
    said = [] if known is None else [known.name, *known.former_names]
    if subject is not None:
        code = same_subject(subject.scheme, subject.code)[1]
        said += [subject.name, subject.code, code]
    named = any(normal and normal in text for normal in map(normal_name, said))
    if named or _ID_NUMBER.search(reason) or _ID_NUMBER.search(text):
        message = (
            "理由里有主体的名称或代码；理由在记录删除后仍保存，请改为不写主体的说法 / the reason "
            "names the subject; it is kept after the record is erased: say it without"
        )
        raise RefusedError("case.reason", message)


def _doubt(doubt: Doubt) -> dict[str, Any]:
    return {"rule": doubt.code, "found": doubt.found, "expected": doubt.expected, "do": doubt.todo}


def _subject(known: BaseSubject) -> dict[str, Any]:
    return {
        **known._asdict(),
        "former_names": list(known.former_names),
        "reused_names": list(known.reused_names),
    }


def _said(decision: Decision) -> dict[str, Any]:
    return {
        "at": decision.at,
        "rule": RULES[decision.finding].code,
        "verdict": decision.verdict,
        "person": decision.person,
        "reason": "" if decision.verdict == ROW_NAMED else decision.reason,
        "note": decision.note,
    }
