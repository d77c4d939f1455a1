"""What ended a listing: the relief, its document and day, and who said it.

Of several reliefs that stand the one that gives the state is told (a withdrawal outweighs a repair,
L4), one of the listing itself before one of its record (L1, L2), and of these the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from federation.ids import Date, StatementId, Timestamp
from federation.life.suppression import revoked_reliefs
from federation.payloads import Payload, Relief, Subject
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.views import EndedBy
from federation.rows import LISTED_KINDS, RELIEF_KINDS, State, StatementRow
from federation.statements import HEADER_SIZE, Kind, parse_header
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.records.payload_fields import subject_of

_ENDING: Final = {State.REPAIRED: Kind.REPAIR, State.WITHDRAWN: Kind.WITHDRAWAL}
"""The kind of relief that gives each state."""

Payloads = Callable[[ReadSession, Sequence[StatementRow]], Mapping[Place, Payload]]


def ended_by(
    session: ReadSession,
    row: StatementRow,
    heads: Mapping[int, LogHead],
    trust: TrustView,
    payloads: Payloads,
) -> EndedBy | None:
    """The relief that ended a listing; None where none did, or where it cannot be told.

    Args:
        session: what is held.
        row: of the listing, as it stands.
        heads: all logs by number.
        trust: the charters of the moment.
        payloads: opens what is held.
    """
    relief = _endings(session, [row], heads, trust).get((row.log, row.idx))
    if relief is None:
        return None
    said = payloads(session, [relief]).get((relief.log, relief.idx))
    (leaf,) = session.leaves_at([(relief.log, relief.idx)])
    return EndedBy(
        statement_id=StatementId(relief.statement_id),
        kind=relief.kind,
        origin=heads[relief.log].origin,
        city=trust.city(heads[relief.log].origin),
        authority=relief.authority,
        document=said.document if isinstance(said, Relief) else "",
        decided_on=Date(relief.decided_on),
        issued_at=Timestamp(parse_header(leaf).issued_at if len(leaf) >= HEADER_SIZE else 0),
    )


def ended_days(
    session: ReadSession, rows: Sequence[StatementRow], trust: TrustView
) -> Mapping[Place, Date]:
    """Days on which the reliefs were decided that ended listings, where they can be told.

    One question of each kind for all of them, and nothing is opened.
    """
    heads = {head.log: head for head in session.heads()}
    found = _endings(session, rows, heads, trust)
    return {place: Date(relief.decided_on) for place, relief in found.items()}


def subject_by_relief(
    session: ReadSession, row: StatementRow, payloads: Payloads
) -> Subject | None:
    """The subject of a listing whose content was erased, as a relief about it names it.

    None where no relief about it is held that does.
    """
    reliefs = [one for one in session.rows_about([row.statement_id]) if one.kind in RELIEF_KINDS]
    found = (subject_of(said, None) for said in payloads(session, reliefs).values())
    return next((one for one in found if one is not None), None)


def _endings(
    session: ReadSession,
    rows: Sequence[StatementRow],
    heads: Mapping[int, LogHead],
    trust: TrustView,
) -> dict[Place, StatementRow]:
    """For each listing that a relief ended, and of which it can be told, the relief."""
    ended = [row for row in rows if row.state in _ENDING and row.kind in LISTED_KINDS]
    if not ended:
        return {}
    chains = TrustChains(trust, heads.values())
    about: defaultdict[bytes, list[StatementRow]] = defaultdict(list)
    for one in session.rows_about([row.statement_id for row in ended]):
        if one.kind in RELIEF_KINDS and one.about is not None:
            about[one.about].append(one)
    tags = sorted({row.record_tag for row in ended if row.record_tag is not None})
    of_record: defaultdict[bytes | None, list[StatementRow]] = defaultdict(list)
    for one in session.rows_by_record(tags, RELIEF_KINDS) if tags else ():
        of_record[one.record_tag].append(one)
    reliefs = {
        (one.log, one.idx) for some in (*about.values(), *of_record.values()) for one in some
    }
    revoked = revoked_reliefs(sorted(reliefs), session, chains)
    found: dict[Place, StatementRow] = {}
    for row in ended:
        told: list[tuple[bool, int, int, StatementRow]] = []
        for one in (*about.get(row.statement_id, ()), *of_record.get(row.record_tag, ())):
            direct = one.about == row.statement_id and row.log in chains.speaks_for(
                one.log, one.idx
            )
            reaches = one.record_tag is not None and one.record_tag == row.record_tag
            follows = reaches and trust.relief_reaches(
                heads[one.log].origin, one.idx, row.authority, heads[row.log].origin
            )
            kind = one.kind == _ENDING[State(row.state)]
            if kind and (one.log, one.idx) not in revoked and (direct or follows):
                told.append((not direct, one.log, one.idx, one))
        if told:
            found[row.log, row.idx] = min(told)[-1]
    return found
