"""Looking up our own listings and reliefs, for everything that acts on them.

"Own" are the logs of our chain of epochs and of those for whom a charter makes us delegate or
successor at the index that comes next.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

from adapters.state.keyring import KeyRing
from federation.errors import RefusedError
from federation.facts import PayloadReader
from federation.ids import LeafHash, Origin, StatementId
from federation.life.annotations import ENDS, open_annotations
from federation.life.settling import REPEATED
from federation.payloads import (
    Audience,
    Commendation,
    Listed,
    Payload,
    Relief,
    content_of,
)
from federation.ports.store import LogHead, ReadSession
from federation.record_key import RecordKey
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, StatementRow
from federation.statements import AnnotationAction
from node.charters.view import TrustView
from node.log.chains import TrustChains


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnListing:
    """A listing that this node may act on, with its payload in force (None once erased)."""

    row: StatementRow
    origin: Origin
    payload: Listed | None


class OwnRecord(NamedTuple):
    """What a relief, an annotation or a relisting says of the listing that it is about."""

    key: RecordKey
    subject_name: str
    authority: str
    publish_until: int
    """The last day of the longest publication period that was ever stated, YYYYMMDD."""


class OwnStatements:
    """Reads our own statements through a session."""

    def __init__(
        self,
        *,
        own: Origin,
        keyring: KeyRing,
        payloads: PayloadReader,
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire the look-ups."""
        self.own = own
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust

    def head(self, session: ReadSession) -> LogHead:
        """Our own log.

        Raises:
            RefusedError: `own-log.missing`: the node has never started.
        """
        head = session.head(self.own)
        if head is None:
            raise RefusedError(
                "own-log.missing", "our own log does not exist yet; run `huxin serve`"
            )
        return head

    def audience(self) -> Audience:
        """The audience of our closed statements: all our alliances, for their purposes.

        Raises:
            RefusedError: `charter.none`: no charter names this node.
        """
        trust = self._trust().trust
        refs = trust.members(self.own)
        mine = {ref.charter for ref in refs}
        alliances = [a for a in trust.alliances if a.id in mine]
        if not alliances:
            message = "no charter names this node; nothing can be published before one is adopted"
            raise RefusedError("charter.none", message)
        purposes = {p: None for a in alliances for p in a.charter.terms.purposes}
        return Audience(charters=tuple(a.id for a in alliances), purposes=tuple(purposes))

    def audience_of(self, session: ReadSession, listing: OwnListing) -> Audience:
        """Whom a listing was said to; what is said about it later goes to nobody else.

        All our alliances, where that cannot be read any more.
        """
        return self._audience_of(session, listing.row)

    def audience_for(
        self, session: ReadSession, about: StatementId | None, members: tuple[str, ...]
    ) -> Audience:
        """The audience of a draft that names none, or only members.

        That of the statement of ours that it corrects, else all our alliances: a correction of
        what was said to a few does not tell all.

        Args:
            session: the database.
            about: what is corrected; None for what stands alone.
            members: those that the draft names.

        Raises:
            RefusedError: as `audience`.
        """
        rows = [] if about is None else session.rows_by_id([self.head(session).log], [about])
        given = self._audience_of(session, rows[0]) if rows else self.audience()
        return replace(given, members=members) if members else given

    def _audience_of(self, session: ReadSession, row: StatementRow) -> Audience:
        return self.audience() if row.audience is None else session.audience(row.audience)

    def listing(self, session: ReadSession, statement_id: StatementId) -> OwnListing:
        """Find a listing by its statement id.

        Raises:
            RefusedError: `record.unknown` or `record.not-ours`.
        """
        rows = [
            row
            for row in session.rows_by_id(None, [statement_id])
            if row.kind in LISTED_KINDS and row.rule != REPEATED
        ]
        if not rows:
            message = f"no listing {statement_id.hex()} is held here; see `huxin records list`"
            raise RefusedError("record.unknown", message)
        chains = self._chains(session)
        head = self.head(session)
        ours = chains.speaks_for(head.log, head.size)
        mine = [row for row in rows if row.log in ours]
        if not mine:
            message = (
                f"{statement_id.hex()} stands in the log of {chains.origin(rows[0].log)}; "
                "only its own node or delegate may act on it (谁认定谁修复)"
            )
            raise RefusedError("record.not-ours", message)
        return self.with_payload(session, mine[0], chains.origin(mine[0].log))

    def with_payload(self, session: ReadSession, row: StatementRow, origin: Origin) -> OwnListing:
        """Open the payload in force of a listing, if it is still held."""
        current = row if row.current == row.idx else _row(session, row.log, row.current)
        payload = content_of(self.payload(session, origin, current))
        return OwnListing(row=row, origin=origin, payload=payload)

    def record(self, session: ReadSession, listing: OwnListing) -> OwnRecord:
        """The record of a listing, from its payload, or once that is erased from a relief's.

        Raises:
            RefusedError: `record.erased`: neither is held any more; `record.pending`: not yet
                again, peers are asked for it.
        """
        if listing.payload is not None:
            known = listing.payload
            stated = known.valid_until if isinstance(known, Commendation) else known.publish_until
            until = max(stated, listing.row.until)
            return OwnRecord(known.key, known.subject.name, known.authority, until)
        if (relief := self._earlier_relief(session, listing)) and relief.record is not None:
            return OwnRecord(
                relief.record, relief.subject_name, relief.authority, relief.publish_until
            )
        named = listing.row.statement_id.hex()
        if listing.row.opening == OpeningStatus.PENDING:
            message = f"the content of {named} has not come back yet; peers are asked for it"
            raise RefusedError("record.pending", message)
        message = f"the record of {named} is erased; nothing is left to end"
        raise RefusedError("record.erased", message)

    def is_lost(self, session: ReadSession, listing: OwnListing) -> bool:
        """Whether the record of a listing is not known here: erased, damaged or unreadable.

        What ends or masks it then names the listing alone; who holds its opening forms the key.
        """
        return listing.payload is None and self._earlier_relief(session, listing) is None

    def _earlier_relief(self, session: ReadSession, listing: OwnListing) -> Relief | None:
        """A relief of ours, or of the listing's log, from which its record can still be read."""
        chains = self._chains(session)
        logs = chains.chain(self.head(session).log) | {listing.row.log}
        for row in _reliefs(session, listing.row, logs):
            payload = self.payload(session, chains.origin(row.log), row)
            if isinstance(payload, Relief) and payload.record is not None:
                return payload
        return None

    def chain(self, session: ReadSession) -> frozenset[int]:
        """The logs of our chain of epochs, whose reliefs a RELISTING of ours revokes (L3)."""
        return self._chains(session).chain(self.head(session).log)

    def reliefs(self, session: ReadSession, listing: StatementRow) -> list[StatementRow]:
        """Reliefs of our own chain that act on a listing, directly or by its record.

        A listing for which we are delegate stands in another log than they do.
        """
        return _reliefs(session, listing, self.chain(session))

    def begun(self, session: ReadSession, listing: OwnListing, action: int) -> LeafHash:
        """Leaf hash of the newest annotation of a listing that `action` may end (L5).

        Ours before that of another who may speak for it, which ends with the next such action.

        Raises:
            RefusedError: `annotation.nothing-open`.
        """
        chains, ours = self._chains(session), self.chain(session)
        place = (listing.row.log, listing.row.idx)
        said = [
            one
            for one in open_annotations(session, [listing.row], chains).get(place, ())
            if one.row.action == ENDS[action]
        ]
        if not said:
            message = f"nothing is open that {AnnotationAction(action).name} could end"
            raise RefusedError("annotation.nothing-open", message)
        newest = max(
            said, key=lambda one: (one.row.log in ours, chains.epoch(one.row.log), one.row.idx)
        )
        return LeafHash(newest.leaf_hash)

    def _chains(self, session: ReadSession) -> TrustChains:
        return TrustChains(self._trust(), session.heads())

    def payload(
        self, session: ReadSession, origin: Origin, row: StatementRow | None
    ) -> Payload | None:
        """Decode the payload of a statement, or None where its opening is not held."""
        if row is None or row.opening != OpeningStatus.PRESENT:
            return None
        for _, opening in self._keyring.held_openings(origin, session.openings(row.log, [row.idx])):
            return self._payloads.decode(row.kind, opening.payload)
        return None


def _reliefs(
    session: ReadSession, listing: StatementRow, logs: AbstractSet[int]
) -> list[StatementRow]:
    rows = [row for row in session.rows_about([listing.statement_id]) if row.kind in RELIEF_KINDS]
    if listing.record_tag is not None:
        rows += session.rows_by_record([listing.record_tag], RELIEF_KINDS)
    found = {(row.log, row.idx): row for row in rows if row.log in logs}
    return [found[place] for place in sorted(found)]


def _row(session: ReadSession, log: int, index: int) -> StatementRow | None:
    rows = session.rows_at([(log, index)])
    return rows[0] if rows else None
