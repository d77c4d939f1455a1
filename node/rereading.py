"""Statements are read again where other charters came into force."""

from __future__ import annotations

from federation.ports import WriteSession
from federation.replication import MAX_BATCH_LEAVES
from node.ledger import Ledger
from node.peers import TrustView


def read_by_new_charters(session: WriteSession, ledger: Ledger, trust: TrustView) -> None:
    """Read again what the charters before had set aside, or these cut off.

    Args:
        session: the transaction.
        ledger: derives rows, by the charters now in force.
        trust: those charters.
    """
    for head in session.heads():
        places = {
            row.idx for row in session.set_aside(head.log) if row.rule.startswith("entitlement.")
        }
        cut = trust.trust.end_of_segments(head.origin)
        if cut is not None:
            places |= set(range(cut, head.size))
        ordered = sorted(places)
        for begin in range(0, len(ordered), MAX_BATCH_LEAVES):
            ledger.read_again(session, head, ordered[begin : begin + MAX_BATCH_LEAVES])
    session.put_copies_due()  # the order of authority is that of the charters
