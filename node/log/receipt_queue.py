"""Leaves of which the origin is to be told, or told again: written by whoever changes them.

Written in the transaction of the change, so that none is forgotten; `node.reconcile.receipt_job`
reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.ports.store import WriteSession
from federation.reconcile.receipts import TOLD_KINDS, is_urgent
from federation.rows import StatementRow


def tell_of_again(session: WriteSession, rows: Sequence[StatementRow]) -> None:
    """Ask for those of which receipts told already; the others' turn comes by the cursor."""
    reached = {head.log: head.receipted_to for head in session.heads() if not head.ours}
    session.put_untold(
        {
            (row.log, row.idx): is_urgent(row)
            for row in rows
            if row.kind in TOLD_KINDS and row.idx < reached.get(row.log, 0)
        }
    )


def tell_of_reliefs(session: WriteSession, rows: Sequence[StatementRow]) -> None:
    """Ask for new reliefs of a log that is followed, so that the cursor does not wait."""
    session.put_untold({(row.log, row.idx): True for row in rows if is_urgent(row)})
