"""Statements are read again where other charters came into force: one state, whatever came first.

Every row is looked at once. Read again, by the path that `huxin rebuild` and late openings take too
(`Ledger.read_again`), are, in this order:

1. statements that may be said now and might not before, or the other way round (S7), and all acts:
   whom they reach depends on charters;
2. listings of a record that any relief or suppression tag is about, and those that only a tag ended
   or holds: what a tag reaches depends on charters as well.

The digest of what the charters say is kept with the rows, so a start after which nothing is owed
reads nothing, and a renewal neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

import structlog

from adapters.errors import StoreError
from federation.peers.replication import MAX_BATCH_LEAVES
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.rows import LISTED_KINDS, RELIEF_KINDS, State, StatementRow, is_act
from federation.statements import OPEN_KINDS
from node.charters.view import TrustView
from node.log.ledger import BY_TAG, Ledger

PAGE: Final = 8192
_ASIDE: Final = (State.SET_ASIDE, State.HELD)
_S7: Final = "entitlement."
_log = structlog.get_logger()


class CharterChanges:
    """Reads again after a change of charters, until it has succeeded; on the writer thread.

    The charters are in force, and kept, before this is done, so it may be owed after a start too.
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
        trust = self._trust()
        digest = trust.trust.read_by()
        with self._store.write() as session:
            if session.read_by() != digest:
                read_anew(session, self._ledger, trust)
                session.put_read_by(digest)
        self.owed = False
        self._changed()

    def catch_up(self) -> None:
        """Do what is owed, if the database takes it."""
        if self.owed:
            try:
                self.charters_changed()
            except StoreError as error:
                _log.warning("statements not read by the new charters yet", error=str(error))


def read_anew(session: WriteSession, ledger: Ledger, trust: TrustView) -> None:
    """Read again all that may be judged otherwise by these charters."""
    heads = {head.log: head for head in session.heads()}
    statements: dict[int, list[int]] = defaultdict(list)
    listings: dict[int, list[int]] = defaultdict(list)
    records = set(session.twin_records())
    for head in heads.values():
        may_say = _may_say(session, head, trust)
        for row in _rows(session, head):
            if is_act(row) or not may_say(row):
                statements[row.log].append(row.idx)
            elif row.kind in LISTED_KINDS and row.rule in BY_TAG:
                listings[row.log].append(row.idx)
            if row.kind in RELIEF_KINDS and row.record_tag is not None:
                records.add(row.record_tag)
    _read(session, ledger, heads, statements)
    for row in session.rows_by_record(sorted(records), LISTED_KINDS):
        listings[row.log].append(row.idx)
    _read(session, ledger, heads, listings)
    session.put_copies_due()  # the order of authority is that of the charters


def _rows(session: ReadSession, head: LogHead) -> Iterator[StatementRow]:
    for start in range(0, head.size, PAGE):
        yield from session.rows_between(head.log, start, min(start + PAGE, head.size))


def _may_say(
    session: ReadSession, head: LogHead, trust: TrustView
) -> Callable[[StatementRow], bool]:
    """Whether a row says of its speaker's right (S7) what these charters say."""
    rules = trust.listing_rules(head.origin)
    audience = cache(session.audience)

    def same(row: StatementRow) -> bool:
        if row.audience is None and row.kind not in OPEN_KINDS:
            return True  # not opened, or erased: nothing was asked
        told = row.rule if row.rule.startswith(_S7) else ""
        if row.kind in RELIEF_KINDS or (row.state in _ASIDE and not told):
            return True  # relief may always be said; another rule came first
        whom = None if row.audience is None else audience(row.audience)
        return told == rules.fault(row.idx, row.kind, row.list_type, row.authority, whom)

    return same


def _read(
    session: WriteSession,
    ledger: Ledger,
    heads: Mapping[int, LogHead],
    places: Mapping[int, Iterable[int]],
) -> None:
    for log, indices in places.items():
        ordered = sorted(set(indices))
        for begin in range(0, len(ordered), MAX_BATCH_LEAVES):
            ledger.read_again(session, heads[log], ordered[begin : begin + MAX_BATCH_LEAVES])
