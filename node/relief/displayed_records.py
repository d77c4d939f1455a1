"""What is held of the records that rows of a third party's display fit, in one snapshot.

Nothing is opened: a row of the store names list, authority and a keyed tag of the record, so a
document number that fits is known by its tag, also of a listing whose opening was erased. Where
its tag ended with a lookup key, what is left of it is its relief.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from federation.errors import RefusedError
from federation.ids import Date
from federation.life.suppression import revoked_reliefs
from federation.ports.findings import Place
from federation.ports.store import Lookup, ReadSession
from federation.reconcile.identity import USCC
from federation.record_key import RecordKey, pack_subject, record_tag
from federation.relief.displays import Copy, Displayed
from federation.rows import ADVERSE_KINDS, RELIEF_KINDS, State, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.records.subject_codes import Name, SubjectCodes

_KINDS: Final = tuple(int(kind) for kind in (*ADVERSE_KINDS, *RELIEF_KINDS))


class DisplayedRecords:
    """Finds copies; any thread."""

    def __init__(
        self, *, codes: SubjectCodes, tagger: Lookup, trust: Callable[[], TrustView]
    ) -> None:
        """Wire it; `codes` knows by which other codes subjects are named."""
        self._codes = codes
        self._tagger = tagger
        self._trust = trust

    def copies(
        self, session: ReadSession, rows: Sequence[Displayed]
    ) -> Mapping[int, Sequence[Copy]]:
        """The copies that each row fits, by the row's number.

        Raises:
            RefusedError: `check.unready`: rows cannot be found by their subjects yet.
        """
        if session.unformed():
            message = "数据正在更新，请稍后再查 / tags are being formed anew: ask again later"
            raise RefusedError("check.unready", message)
        names = self._names(rows)
        tags = {code: self._tags(found) for code, found in names.items()}
        held: defaultdict[bytes, list[StatementRow]] = defaultdict(list)
        every = list(dict.fromkeys(tag for some in tags.values() for tag in some.values()))
        for one in session.rows_by_subject(every, _KINDS):
            if one.record_tag is not None and one.subject_tag is not None:
                held[one.subject_tag].append(one)
        fitting = {
            row.row: [
                one
                for name, tag in tags[row.code].items()
                for one in held.get(tag, ())
                if self._fits(row, name, one)
            ]
            for row in rows
        }
        found = [one for some in fitting.values() for one in some]
        days, revoked = self._relieved(session, found), self._revoked(session, found)
        return {number: _copies(some, days, revoked) for number, some in fitting.items()}

    def _names(self, rows: Iterable[Displayed]) -> Mapping[str, Sequence[Name]]:
        """By which names each code's subject stands in listings."""
        found = self._codes.names((USCC, row.code) for row in rows)
        return {code: names for (_, code), names in found.items()}

    def _tags(self, names: Sequence[Name]) -> Mapping[Name, bytes]:
        """The tag of each name, one name for each tag."""
        packed = {pack_subject(*name): name for name in reversed(names)}
        return {name: self._tagger.lookup(subject) for subject, name in packed.items()}

    def _fits(self, row: Displayed, name: Name, held: StatementRow) -> bool:
        if row.list_type not in ("", held.list_type):
            return False
        scheme, code = name
        key = RecordKey(
            scheme=scheme,
            code=code,
            list_type=held.list_type,
            authority=held.authority,
            document=row.document,
        )
        tag = record_tag(self._tagger.lookup, pack_subject(scheme, code), key.pack())
        return tag == held.record_tag

    @staticmethod
    def _relieved(session: ReadSession, found: Sequence[StatementRow]) -> Mapping[bytes, Date]:
        """The day of the first relief in force of each record, by its tag."""
        listings = {one.statement_id: one for one in found if one.kind in ADVERSE_KINDS}
        about = session.rows_about(sorted(listings)) if listings else ()
        days: dict[bytes, Date] = {}
        for one in (*found, *about):
            tag = one.record_tag or _tag_of(listings.get(one.about or b""))
            relieves = one.kind in RELIEF_KINDS and one.state == State.IN_FORCE
            if relieves and tag is not None and one.decided_on:
                day = Date(one.decided_on)
                days[tag] = min(days.get(tag, day), day)
        return days

    def _revoked(self, session: ReadSession, found: Sequence[StatementRow]) -> frozenset[Place]:
        reliefs = [(one.log, one.idx) for one in found if one.kind in RELIEF_KINDS]
        if not reliefs:
            return frozenset()
        return revoked_reliefs(reliefs, session, TrustChains(self._trust(), session.heads()))


def _tag_of(row: StatementRow | None) -> bytes | None:
    return None if row is None else row.record_tag


def _copies(
    found: Sequence[StatementRow], days: Mapping[bytes, Date], revoked: frozenset[Place]
) -> Sequence[Copy]:
    """Listings; of a record of which none is found its reliefs, that nobody revoked."""
    listings = [one for one in found if one.kind in ADVERSE_KINDS]
    known = {one.record_tag for one in listings}
    reliefs = [
        one
        for one in found
        if one.kind in RELIEF_KINDS
        and one.state == State.IN_FORCE
        and not one.rule
        and one.record_tag not in known
        and (one.log, one.idx) not in revoked
    ]
    return [
        Copy(
            record=one.record_tag or b"",
            state=_state(one),
            until=Date(one.until),
            relieved_on=days.get(one.record_tag or b"", Date(0)),
        )
        for one in (*listings, *reliefs)
    ]


def _state(row: StatementRow) -> State:
    if row.kind not in RELIEF_KINDS:
        return State(row.state)
    return State.WITHDRAWN if row.kind == Kind.WITHDRAWAL else State.REPAIRED
