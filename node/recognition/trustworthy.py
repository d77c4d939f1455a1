"""What a subject has earned: its commendations 守信, as they count here at this moment.

    CM11 a commendation counts where it is in force today, recognised by this city's catalog (CM4 to
         CM9) or this city's own, and nothing is doubtful about the log that says it. One that is
         held, paused, masked or of a doubtful log decides nothing; one that was withdrawn, is over
         or was rejected is as if it were not held

Read in the snapshot of the question, judged now: a withdrawal that was committed is in the next
one. Nothing here adds up, and no number comes out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.life import life
from federation.payloads import Commendation, content_of
from federation.ports.store import Lookup, ReadSession
from federation.recognition.facts import Evidence, Held, Weight
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.reconcile.identity import USCC
from federation.reconcile.named_subject import Named
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.records.records import Records, in_force
from node.records.subject_codes import CodeLibrary, SubjectCodes
from node.records.subject_reading import OWN_LOG, Judge, purposes_of

PAUSED: Final = "commendation.paused"
_NOT_NOW: Final = (State.PAUSED, State.MASKED)


class Trustworthy:
    """Reads commendations of a subject; any thread."""

    def __init__(
        self,
        *,
        records: Records,
        judged: Judge,
        library: CodeLibrary,
        tagger: Lookup,
        refusal: Callable[[], RefusedError | None],
        today: Callable[[], Date],
    ) -> None:
        """Wire it.

        Args:
            records: payloads, doubts and findings of rows.
            judged: judges what others say anew.
            library: the city's base library.
            tagger: the node's keyed tags.
            refusal: why nothing is signed here, or None.
            today: never behind any clock that is believed.
        """
        self._records = records
        self._judged = judged
        self._codes = SubjectCodes(library=library, tagger=tagger)
        self._refusal = refusal
        self._today = today

    def of_subject(self, session: ReadSession, asked: Named) -> tuple[Held, ...]:
        """What counts of a subject's commendations, and what is in doubt (CM11).

        Args:
            session: the snapshot.
            asked: the subject; found by all its codes (SJ1).
        """
        tags = self._codes.tags(self._codes.names([(USCC, asked.code)])[USCC, asked.code])
        rows = session.rows_by_subject(tags, [int(Kind.COMMENDATION)])
        rows = [row for row in rows if row.state in (State.ACTIVE, *_NOT_NOW)]
        return self._held(session, rows) if rows else ()

    def _held(self, session: ReadSession, rows: Sequence[StatementRow]) -> tuple[Held, ...]:
        today = self._today()
        current = in_force(session, rows)
        heads = {head.log: head for head in session.heads()}
        payloads = self._records.payloads(session, current)
        found = self._records.findings(session, rows) | {
            place: judged
            for place, judged in self._judged(session, rows).items()
            if not heads[place[0]].ours
        }
        hashes = session.leaf_hashes([(row.log, row.idx) for row in rows])
        silent = self._refusal() is not None
        held = []
        for row, now, leaf_hash in zip(rows, current, hashes, strict=True):
            place, head = (row.log, row.idx), heads[row.log]
            said = content_of(payloads.get((now.log, now.idx)))
            until = Date(now.until)
            over = life.at(State(row.state), until, today) is State.EXPIRED
            finding = found.get(place)
            if not isinstance(said, Commendation) or over or _is_rejected(finding):
                continue
            rule = self._records.rule(session, head, row, finding)
            if not rule and row.state in _NOT_NOW:
                rule = PAUSED
            if not rule and head.ours and silent:
                rule = OWN_LOG
            held.append(
                Held(
                    list_type=said.list_type,
                    edition=said.grade_edition,
                    grade=said.grade,
                    method=said.grade_method,
                    evidence=Evidence(
                        origin=Origin(head.origin),
                        index=row.idx,
                        statement_id=StatementId(row.statement_id),
                        leaf_hash=LeafHash(leaf_hash),
                    ),
                    authority=said.authority,
                    authority_name=said.authority_name,
                    document=said.document,
                    until=until,
                    weight=Weight.DOUBT if rule else Weight.COUNTS,
                    rule=rule or ("" if finding is None else RULES[finding].code),
                    purposes=purposes_of(session, row) & purposes_of(session, now),
                )
            )
        return tuple(held)


def _is_rejected(finding: int | None) -> bool:
    known = finding not in (None, Finding.NONE)
    return known and RULES[int(finding or 0)].outcome is Outcome.REJECTED
