"""What a record says once its copies are put together, for those who read or deliver it.

Copies stay sealed as their origins published them; they are opened and merged
(`federation.reconcile.copies.merge`) for one answer and never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.ids import Origin
from federation.payloads import Listing, Payload, content_of
from federation.ports.findings import Place
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.copies import merge, stands
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.rows import StatementRow
from federation.statements import Kind
from node.charters.view import TrustView

_APPLIED: Final = frozenset(n for n, rule in RULES.items() if rule.outcome is Outcome.APPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A record of several copies."""

    record: Listing
    taken: Mapping[str, tuple[Origin, StatementRow]]
    """Fields of `record` that another copy states, with its log and its listing."""


class Merging:
    """Finds the copies of records and puts them together."""

    def __init__(
        self,
        *,
        payloads: Callable[[ReadSession, Sequence[StatementRow]], Mapping[Place, Payload]],
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire it; `payloads` opens and decodes what rows say."""
        self._payloads = payloads
        self._trust = trust

    def records(self, session: ReadSession, rows: Sequence[StatementRow]) -> Mapping[Place, Merged]:
        """The records of which a listing among rows is the copy that counts.

        Those that have only one copy, or of which no other copy says more, are left out.
        """
        heads = {head.log: head for head in session.heads()}
        listings = {row.record_tag: row for row in rows if row.kind == Kind.LISTING}
        places: dict[bytes, list[Place]] = defaultdict(list)
        for tag, place in session.listings_of([tag for tag in listings if tag is not None]):
            places[tag].append(place)
        groups = {tag: group for tag, group in places.items() if len(group) > 1}
        every = [place for group in groups.values() for place in group]
        copies = {(r.log, r.idx): r for r in session.rows_at(every) if stands(r)}
        found = session.findings(list(copies))
        merged: dict[Place, Merged] = {}
        for group in groups.values():
            held = [place for place in group if place in copies]
            counting = [p for p in held if heads[p[0]].ours or found.get(p) in _APPLIED]
            if len(counting) == 1:
                taking = [p for p in held if p in counting or found.get(p) == Finding.COPY]
                made = self._merge(session, [copies[p] for p in taking], heads, counting[0])
                if made is not None:
                    merged[counting[0]] = made
        return merged

    def _merge(
        self,
        session: ReadSession,
        rows: Sequence[StatementRow],
        heads: Mapping[int, LogHead],
        counting: Place,
    ) -> Merged | None:
        said: dict[Place, Listing] = {}
        order: dict[Place, tuple[int, str, int]] = {}
        payloads = self._payloads(session, session.rows_at([(r.log, r.current) for r in rows]))
        for row in rows:
            head = heads[row.log]
            listing = _listing(payloads.get((row.log, row.current)))
            if listing is not None:
                place = (row.log, row.idx)
                rank = self._trust().rank(head, listing.authority)
                said[place], order[place] = listing, (rank, head.origin, row.idx)
        if counting not in said:
            return None
        ordered = sorted(said.items(), key=lambda one: order[one[0]])
        record, taken = merge(ordered, counting)
        by_place = {(row.log, row.idx): row for row in rows}
        sources = {
            field: (heads[place[0]].origin, by_place[place]) for field, place in taken.items()
        }
        return Merged(record=record, taken=sources) if sources else None


def _listing(payload: Payload | None) -> Listing | None:
    content = content_of(payload)
    return content if isinstance(content, Listing) else None
