"""What the city's platform is told of statements: the rows, made anew each time out of openings.

No row is kept: what waits for a platform is a place in a log, and what is erased meanwhile is told
without content. Rules:

| rule | a leaf | is told |
|---|---|---|
| N1 | listing, ended and erased, of which this outlet was never told | not at all |
| N2 | act about a listing, erased, likewise | not at all |
| N3 | set aside or held (unreadable) before this outlet was told of it | not at all |
| N4 | set aside after it was told | without content; a listing as `withdrawn-undo` |
| N5 | held after it was told | `held`, without content |
| N6 | listing withdrawn after this outlet was told of it in another state | `withdrawn-undo` |
| N7 | listing that was corrected | as it was corrected last, with its last day |
| N8 | a relief, beside what else waits | first (`node.platform.delivery`) |
| N9 | end of a listing, at an outlet that came later and never had it | not at all (`outbox_job`) |
| N10 | line of a file about what is erased | written anew, without content (`outbox_job`) |
| N11 | any, with NUL in a text | with ␀ for it |
| N12 | any whose subject is registered here (NO2) | so marked, a listing also once it is erased |

Told is what this outlet was told or may have been (EX10): a telling of which the end is not known.

N11: SPEC P8 lets a peer say NUL in texts that identify nothing; PostgreSQL keeps none, and one such
text would hold up all that its log says after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from adapters.files.outbox import STREAMS, OutboxRow
from federation.ids import Date
from federation.life import life
from federation.names import SUBJECT_KINDS, TIERS
from federation.payloads import (
    Annotation,
    Commendation,
    Correction,
    Listed,
    Listing,
    Payload,
    Penalty,
    Recognition,
    Relief,
    Relisting,
    Scenario,
)
from federation.ports.store import LogHead, ReadSession
from federation.record_key import RecordKey
from federation.rows import LISTED_KINDS, OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.records.merged_copies import Merged
from node.records.records import Records, in_force
from node.records.subject_codes import Name
from node.texts.states import INSTRUCTIONS, STATE_WORDS, TOLD_NUMBERS, UNDO, state_word

_UNREAD: Final = (State.SET_ASIDE, State.HELD)
_ENDED: Final = (State.REPAIRED, State.WITHDRAWN, State.EXPIRED)
_ABOUT_LISTINGS: Final = (Kind.CORRECTION, Kind.ANNOTATION, Kind.RELISTING)
_TEXTS: Final = tuple(field.name for field in fields(OutboxRow) if field.type == "str")
_WITHDRAWN: Final = int(State.WITHDRAWN)


Registered = Callable[[Sequence[Name]], Mapping[Name, bool]]
"""Says of subjects whether they are registered here (`LocalSubjects.of`)."""
HERE: Final = "yes"


def _nobody(_: Sequence[Name]) -> Mapping[Name, bool]:
    return {}


class OutboxRows:
    """Makes the rows; any thread."""

    def __init__(
        self, records: Records, today: Callable[[], Date], local: Registered = _nobody
    ) -> None:
        """Wire it.

        Args:
            records: what rows say.
            today: by which states are told.
            local: which subjects are registered here.
        """
        self._records = records
        self._today = today
        self._local = local

    def told_now(self, session: ReadSession, head: LogHead) -> bool:
        """Whether anything of a log is told now.

        Not what a backup knew: a platform that was told of an end would be told the old state.
        """
        return not self._records.unheard(session, head)

    def made(
        self,
        session: ReadSession,
        head: LogHead,
        rows: Sequence[StatementRow],
        handed: Mapping[int, int],
    ) -> list[OutboxRow]:
        """Make what an outlet is told of leaves of one log.

        Args:
            session: what is held.
            head: their log.
            rows: of any kinds.
            handed: what the outlet was told of them before (`OutletReads.handed`).
        """
        today = self._today()
        told = [row for row in rows if row.kind in STREAMS and _is_told(row, handed, today)]
        read = [row for row in told if row.state not in _UNREAD]
        found = self._records.findings(session, rows)
        merged = self._records.merging.records(session, rows)
        current = dict(zip(((r.log, r.idx) for r in read), in_force(session, read), strict=True))
        said = self._records.payloads(session, list(current.values()))
        made = []
        for row in told:
            place = (row.log, row.idx)
            now = current.get(place)
            until = row.until if now is None else now.until
            content = self._row(session, head, row, found.get(place), handed.get(row.idx), until)
            if now is not None:
                content = _filled(content, said.get((now.log, now.idx)))
                content = _completed(content, merged.get(place))
            made.append(_storable(content))
        return self._marked(session, told, made)

    def _marked(
        self, session: ReadSession, told: Sequence[StatementRow], made: Sequence[OutboxRow]
    ) -> list[OutboxRow]:
        """Mark what is about a subject registered here (N12)."""
        codes = [(one.subject_scheme, one.subject_code) for one in made if one.subject_code]
        local = self._local(codes) if codes else {}
        bare = [
            (row.log, row.idx) for row, one in zip(told, made, strict=True) if not one.subject_code
        ]
        kept = session.notices(bare) if bare else {}
        return [
            replace(one, registered_here=HERE)
            if local.get((one.subject_scheme, one.subject_code)) or (row.log, row.idx) in kept
            else one
            for row, one in zip(told, made, strict=True)
        ]

    def _row(
        self,
        session: ReadSession,
        head: LogHead,
        row: StatementRow,
        finding: int | None,
        before: int | None,
        until: int,
    ) -> OutboxRow:
        state = self._word(row, finding, before, until)
        return OutboxRow(
            index=row.idx,
            kind=Kind(row.kind),
            action=row.action,
            statement_id=row.statement_id.hex(),
            about="" if row.about is None else row.about.hex(),
            state=state,
            rule=self._records.rule(session, head, row, finding),
            list_type=row.list_type,
            authority=row.authority,
            decided_on=row.decided_on,
            publish_until=until,
            instruction=INSTRUCTIONS.get(state, ""),
        )

    def _word(self, row: StatementRow, finding: int | None, before: int | None, until: int) -> str:
        state = State(row.state)
        if row.kind not in LISTED_KINDS:
            return STATE_WORDS[state]
        withdrawn = STATE_WORDS[State.WITHDRAWN]
        word = state_word(life.at(state, Date(until), self._today()), finding)
        if state is State.SET_ASIDE:
            word = withdrawn
        undo = word == withdrawn and before not in (None, _WITHDRAWN)
        return UNDO if undo else word


def _storable(row: OutboxRow) -> OutboxRow:
    """The row, with texts that every platform can keep (N11)."""
    texts = {name: getattr(row, name) for name in _TEXTS}
    changed = {name: text.replace("\0", "␀") for name, text in texts.items() if "\0" in text}
    return replace(row, **changed) if changed else row


def words_of(rows: Sequence[OutboxRow]) -> dict[int, int]:
    """What an outlet that has these rows was told, as the store keeps it."""
    return {row.index: TOLD_NUMBERS[row.state] for row in rows}


def _is_told(row: StatementRow, handed: Mapping[int, int], today: Date) -> bool:
    if row.idx in handed:
        return True
    if row.state in _UNREAD:
        return False
    if row.opening != OpeningStatus.ERASED:
        return True
    if row.kind in LISTED_KINDS:
        return life.at(State(row.state), Date(row.until), today) not in _ENDED
    return row.kind not in _ABOUT_LISTINGS


def _filled(row: OutboxRow, payload: Payload | None) -> OutboxRow:
    """Add what the payload says."""
    match payload:
        case Listing() | Commendation() | Penalty():
            return _listed(row, payload)
        case Correction():
            return _listed(row, payload.payload)
        case Relisting():
            return replace(
                _listed(row, payload.payload),
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
            )
        case Relief():
            return replace(
                row if payload.record is None else _of_record(row, payload.record),
                subject_name=payload.subject_name,
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
                reason=payload.reason,
            )
        case Annotation():
            return replace(
                row if payload.record is None else _of_record(row, payload.record),
                relief_document=payload.document,
                relief_decided_on=payload.decided_on,
                reason=payload.text,
            )
        case Scenario():
            return replace(
                row,
                title=payload.title,
                conditions=payload.conditions_text,
                authority=payload.provider,
                authority_name=payload.provider_name,
                basis=payload.basis,
                publish_until=payload.valid_until,
            )
        case Recognition():
            return replace(
                row,
                authority=payload.authority,
                authority_name=payload.authority_name,
                conditions=payload.conditions_text,
                reason=payload.reason,
                decided_on=payload.decided_on,
                publish_until=payload.valid_until,
            )
        case _:
            return row


def _completed(row: OutboxRow, merged: Merged | None) -> OutboxRow:
    """Put in what other copies of the record state, and name them."""
    if merged is None:
        return row
    record = merged.record
    stated: dict[str, Any] = {
        "tier": TIERS.name(record.tier),
        "authority_name": record.authority_name,
        "basis": record.basis,
        "reason": record.reason,
    }
    taken = {name: source for name, source in merged.taken.items() if name in stated}
    said = {name: stated[name] for name in taken}
    sources = [f"{name}={origin}#{copy.idx}" for name, (origin, copy) in taken.items()]
    return replace(row, **said, completed=";".join(sources))


def _of_record(row: OutboxRow, record: RecordKey) -> OutboxRow:
    return replace(
        row,
        list_type=record.list_type,
        subject_scheme=record.scheme,
        subject_code=record.code,
        authority=record.authority,
        document=record.document,
    )


def _listed(row: OutboxRow, content: Listed) -> OutboxRow:
    made = replace(
        row,
        subject_scheme=content.subject.scheme,
        subject_code=content.subject.code,
        subject_name=content.subject.name,
        subject_kind=SUBJECT_KINDS.name(content.subject.kind),
        list_type=content.list_type,
        authority=content.authority,
        authority_name=content.authority_name,
        document=content.document,
        basis=content.basis,
    )
    if isinstance(content, Listing):
        made = replace(made, tier=TIERS.name(content.tier), reason=content.reason)
    return made
