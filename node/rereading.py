"""Statements are read again where other charters came into force."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from adapters.errors import StoreError
from federation.ports import Store, WriteSession
from federation.replication import MAX_BATCH_LEAVES
from federation.rows import ACT_KINDS
from federation.statements import Kind
from node.ledger import Ledger
from node.peers import TrustView

_log = structlog.get_logger()


class Rereading:
    """Reads again after a change of charters, until it has succeeded; on the writer thread.

    The charters are in force, and kept, before this is done, so it is owed after each start too.
    """

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        trust: Callable[[], TrustView],
        changed: Callable[[], None],
    ) -> None:
        """Wire it; `changed` is called when rows were read again."""
        self._store = store
        self._ledger = ledger
        self._trust = trust
        self._changed = changed
        self.owed = True
        """Whether rows may still be those of the charters before."""

    def charters_changed(self) -> None:
        """The charters are others now.

        Raises:
            StoreError: the database failed; `catch_up` does it later.
        """
        self.owed = True
        with self._store.write() as session:
            _read_again(session, self._ledger, self._trust())
        self.owed = False
        self._changed()

    def catch_up(self) -> None:
        """Do what is owed, if the database takes it."""
        if self.owed:
            try:
                self.charters_changed()
            except StoreError as error:
                _log.warning("statements not read by the new charters yet", error=str(error))


def _read_again(session: WriteSession, ledger: Ledger, trust: TrustView) -> None:
    """Read again what the charters before had set aside, or these cut off, and acts for others."""
    for head in session.heads():
        places = {
            row.idx for row in session.set_aside(head.log) if row.rule.startswith("entitlement.")
        }
        cut = trust.trust.end_of_segments(head.origin)
        if cut is not None:
            places |= set(range(cut, head.size))
        if trust.trust.names_principals(head.origin):
            places |= _acts(session, head.log)
        ordered = sorted(places)
        for begin in range(0, len(ordered), MAX_BATCH_LEAVES):
            ledger.read_again(session, head, ordered[begin : begin + MAX_BATCH_LEAVES])
    session.put_copies_due()  # the order of authority is that of the charters


def _acts(session: WriteSession, log: int) -> set[int]:
    """All acts of a log: where delegations or successors changed, they reach other listings."""
    kinds = [int(kind) for kind in (*ACT_KINDS, Kind.ERASURE)]
    found: set[int] = set()
    after = (log, -1)
    while page := session.list_rows(
        log=log, kinds=kinds, states=None, after=after, limit=MAX_BATCH_LEAVES
    ):
        found |= {row.idx for row in page}
        after = (log, page[-1].idx)
    return found
