"""Which openings of closed kinds an export of logs may hold (SPEC.md §4.2, §7.5).

An export is handed to somebody, so what it holds is chosen like what a peer is served. Where nobody
is named it holds nothing that an audience narrows to members: whoever it is for, it is not them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from federation.charters.trust import is_narrowed
from federation.errors import RefusedError
from federation.ids import MemberId, Origin
from federation.payloads import Audience
from federation.ports.store import LogHead, ReadSession
from federation.rows import OpeningStatus, StatementRow
from federation.statements import OPEN_KINDS
from node.charters.view import TrustView


def closed_openings(
    session: ReadSession, trust: TrustView, reader: MemberId | None
) -> Callable[[LogHead, Sequence[int]], Sequence[int]]:
    """Choose for the export of tiles: of these leaves, in order, those that may be opened.

    Args:
        session: the snapshot that is exported.
        trust: the charters in force.
        reader: whom the export is for; None where nobody is named.

    Raises:
        RefusedError: `peer.unknown`: the charters know no such member.
    """
    if reader is not None and reader not in trust.peers:
        message = f"{reader}: expected one of {', '.join(sorted(trust.peers)) or 'no members'}"
        raise RefusedError("peer.unknown", message)

    def allowed(origin: Origin, kind: int, audience: Audience | None) -> bool:
        if reader is not None:
            return trust.may_receive(reader, origin, kind, audience)
        return kind in OPEN_KINDS or (audience is not None and not is_narrowed(audience, kind))

    def chosen(head: LogHead, indices: Sequence[int]) -> Sequence[int]:
        """Leaves whose opening is not held stay: the export counts them."""
        cases: dict[tuple[int, int | None], bool] = {}

        def may_go(row: StatementRow) -> bool:
            case = (row.kind, row.audience)
            if case not in cases:
                audience = None if row.audience is None else session.audience(row.audience)
                cases[case] = allowed(head.origin, row.kind, audience)
            return cases[case]

        asked = frozenset(indices)
        return [
            row.idx
            for row in session.rows_between(head.log, min(asked), max(asked) + 1)
            if row.idx in asked and (row.opening != OpeningStatus.PRESENT or may_go(row))
        ]

    return chosen
