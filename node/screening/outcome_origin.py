"""OUTCOMEs 惩戒反馈 as they can be read here: what this city reported, what peers reported to it.

An OUTCOME is for the origin of its listing alone, so what can be opened here is our own and what is
about listings of ours. What counts is decided in `federation.screening.case_figures`; nothing is
kept beside the statements themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from federation.ids import LeafHash, Origin, StatementId, Timestamp
from federation.payloads import Outcome, OutcomeResult, Payload
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.rows import ADVERSE_KINDS, StatementRow
from federation.screening.case_figures import Told
from federation.statements import parse_header
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.records.outcomes import opened_outcomes
from node.system.clock import date_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRead:
    """An OUTCOME about a listing."""

    row: StatementRow
    statement_id: StatementId
    speaker: Origin
    city: str
    """Of the speaker, by the charter."""
    ours: bool
    """Whether we said it."""
    to: str
    """The city of the listing's origin."""
    issued_at: Timestamp
    outcome: Outcome
    listing: StatementRow | None
    """As it is held, under the leaf hash that was named."""
    told: Told


class OutcomeReads:
    """Reads OUTCOMEs."""

    def __init__(
        self,
        *,
        payloads: Callable[[ReadSession, Iterable[StatementRow]], dict[Place, Payload]],
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire the reader; `payloads` decodes what is held of rows."""
        self._payloads = payloads
        self._trust = trust

    def all(self, session: ReadSession) -> Sequence[OutcomeRead]:
        """Every OUTCOME of a listing that counts (OC11), of each speaker in the order of its log.

        One of another node's that names no leaf of ours by index and hash says nothing here.
        """
        rows = {(row.log, row.idx): row for row in opened_outcomes(session)}
        said = self._payloads(session, rows.values())
        heads = {head.log: head for head in session.heads()}
        chains = TrustChains(self._trust(), heads.values())
        ours = {log for log, head in heads.items() if head.ours}
        places = sorted(
            (place for place, payload in said.items() if _of_listing(payload)),
            key=lambda place: (chains.epoch(place[0]), *place),
        )
        headers = [parse_header(leaf) for leaf in session.leaves_at(places)]
        hashes = session.leaf_hashes(places)
        listings = self._listings(session, [said[place] for place in places])
        found: list[OutcomeRead] = []
        for place, header, leaf in zip(places, headers, hashes, strict=True):
            payload = said[place]
            assert isinstance(payload, Outcome)  # noqa: S101 - `_of_listing` has seen to it
            assert payload.listing is not None  # noqa: S101 - likewise
            listing = listings.get((payload.listing.origin, payload.listing.index))
            if listing is not None and listing[1] != payload.listing.leaf_hash:
                continue
            mine = place[0] in ours
            if not mine and (listing is None or listing[0].log not in ours):
                continue
            speaker = Origin(heads[place[0]].origin)
            row = None if listing is None else listing[0]
            found.append(
                OutcomeRead(
                    row=rows[place],
                    statement_id=StatementId(rows[place].statement_id),
                    speaker=speaker,
                    city=self._trust().city(speaker) or speaker,
                    ours=mine,
                    to=self._trust().city(payload.listing.origin) or payload.listing.origin,
                    issued_at=Timestamp(header.issued_at),
                    outcome=payload,
                    listing=row,
                    told=Told(
                        speaker=min(chains.origin(log) for log in chains.chain(place[0])),
                        region=self._trust().city(speaker) or speaker,
                        origin=payload.listing.origin,
                        index=payload.listing.index,
                        list_type="" if row is None else row.list_type,
                        case_id=payload.case_id,
                        result=OutcomeResult(payload.result),
                        reason=payload.reason,
                        department=payload.department,
                        matter=payload.matter,
                        measure=payload.measure,
                        decided_on=payload.decided_on,
                        said_on=date_of(Timestamp(header.issued_at)),
                        leaf=leaf,
                        replaces=payload.replaces or b"",
                    ),
                )
            )
        return found

    def _listings(
        self, session: ReadSession, payloads: Sequence[Payload]
    ) -> dict[tuple[Origin, int], tuple[StatementRow, LeafHash]]:
        """What is held where OUTCOMEs say that a listing stands, and its leaf hash."""
        heads = {head.origin: head for head in session.heads()}
        wanted = {
            (heads[named.origin].log, named.index): (named.origin, named.index)
            for payload in payloads
            if isinstance(payload, Outcome)
            and (named := payload.listing) is not None
            and named.origin in heads
            and named.index < heads[named.origin].size
        }
        rows = [row for row in session.rows_at(sorted(wanted)) if row.kind in ADVERSE_KINDS]
        hashes = session.leaf_hashes([(row.log, row.idx) for row in rows])
        return {
            wanted[row.log, row.idx]: (row, LeafHash(leaf))
            for row, leaf in zip(rows, hashes, strict=True)
        }


def _of_listing(payload: Payload) -> bool:
    return isinstance(payload, Outcome) and payload.listing is not None
