"""What ended a listing: the relief, its document and day, and who said it.

Of several reliefs that stand the one that gives the state is told (a withdrawal outweighs a repair,
L4), one of the listing itself before one of its record (L1, L2), and of these the first.
"""

from __future__ import annotations

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
    kind = _ENDING.get(State(row.state))
    if kind is None or row.kind not in LISTED_KINDS:
        return None
    chains = TrustChains(trust, heads.values())
    found = _reliefs(session, row, kind)
    revoked = revoked_reliefs([(one.log, one.idx) for one in found], session, chains)
    told: list[tuple[bool, int, int, StatementRow]] = []
    for one in found:
        direct = one.about == row.statement_id and row.log in chains.speaks_for(one.log, one.idx)
        reaches = one.record_tag is not None and one.record_tag == row.record_tag
        follows = reaches and trust.relief_reaches(
            heads[one.log].origin, one.idx, row.authority, heads[row.log].origin
        )
        if (one.log, one.idx) not in revoked and (direct or follows):
            told.append((not direct, one.log, one.idx, one))
    if not told:
        return None
    relief = min(told)[-1]
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


def subject_by_relief(
    session: ReadSession, row: StatementRow, payloads: Payloads
) -> Subject | None:
    """The subject of a listing whose content was erased, as a relief about it names it.

    None where no relief about it is held that does.
    """
    reliefs = [one for one in session.rows_about([row.statement_id]) if one.kind in RELIEF_KINDS]
    found = (subject_of(said, None) for said in payloads(session, reliefs).values())
    return next((one for one in found if one is not None), None)


def _reliefs(session: ReadSession, row: StatementRow, kind: Kind) -> Sequence[StatementRow]:
    """Reliefs of a kind about a listing or of its record, each once."""
    found = list(session.rows_about([row.statement_id]))
    if row.record_tag is not None:
        found += session.rows_by_record([row.record_tag], RELIEF_KINDS)
    return list({(one.log, one.idx): one for one in found if one.kind == kind}.values())
