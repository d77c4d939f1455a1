"""Rows whose state or content changed: judged again, delivered again, told of again, at home too.

Each function runs in the transaction in which the rows changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from federation.life.life import STANDING
from federation.ports.store import LogHead, WriteSession
from federation.rows import ADVERSE_KINDS, JUDGED_KINDS, LISTED_KINDS, RELIEF_KINDS, StatementRow
from federation.statements import Kind
from node.log.receipt_queue import tell_of_again

_NOTICED: Final = (Kind.LISTING, *RELIEF_KINDS)
"""Of which a city tells its own subjects (`federation.screening.notices`)."""


def changed(session: WriteSession, rows: Sequence[StatementRow]) -> None:
    """Write rows that are others now, and have them judged, delivered and told of again."""
    if not rows:
        return
    session.replace_rows(rows)
    session.put_due([(r.log, r.idx) for r in rows if r.kind in JUDGED_KINDS])
    session.put_redeliveries([(row.log, row.idx) for row in rows])
    tell_of_again(session, rows)
    session.put_notices_due([(r.log, r.idx) for r in rows if r.kind in _NOTICED])


def tell_again(session: WriteSession, head: LogHead) -> None:
    """Let the platform be told again of the standing listings of a log that it was told of.

    For what changes without a statement, such as a fork proof.
    """
    session.put_redeliveries(
        [
            (head.log, index)
            for index, kind, state, _, _ in session.outcomes(head.log)
            if kind in LISTED_KINDS and state in STANDING
        ]
    )


def ask_about_copies(session: WriteSession, rows: Sequence[StatementRow]) -> None:
    """Have the copies of these records judged again: what stands against them came or went."""
    tags = [r.record_tag for r in rows if r.kind in ADVERSE_KINDS and r.record_tag is not None]
    if tags:
        own = {(row.log, row.idx) for row in rows}
        session.put_due([place for _, place in session.listings_of(tags) if place not in own])
