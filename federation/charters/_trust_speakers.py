"""Who acts for whom, and what a log may say, by what several charters say (SPEC §6.2, §7.4).

Within one charter a leaf acts on the listings of another member in two ways:

- a *delegation* 委托 of that member has a span of the leaf's log that contains its index;
- that member *has ended*, and its chain of successors 承继 leads to the leaf's node: the
  successor, and where that one has ended too, its successor, up to the first that has not.

Neither is passed on: who is delegate of a successor acts for what the successor listed itself.
Spans, and successors of members that have ended, stay in every later version (SPEC §7.3), so
what was said stays judged as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from federation.charters._trust_index import (
    Alliance,
    Facts,
    MemberRef,
    Members,
    OriginFacts,
    origins_of,
)
from federation.charters.entitlement import AllianceState, Place, make_interval
from federation.charters.values import Entitlements, Member
from federation.ids import CharterId, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Leaves `start <= index < end` of a log act for a principal, in one charter.

    Attributes:
        end: None while there is no end.
        ended: whether the principal has ended.
        logs: the principal's, as this charter names them.
        authorities: those whose records the principal's segments may list.
    """

    charter: CharterId
    start: int
    end: int | None
    ended: bool
    logs: tuple[Origin, ...]
    authorities: frozenset[str]

    def contains(self, index: int) -> bool:
        """Whether the leaf at `index` acts for the principal."""
        return self.start <= index and (self.end is None or index < self.end)

    def ended_at(self, index: int) -> bool:
        """Whether the leaf at `index` stands beyond the end."""
        return self.end is not None and self.end <= index


def successors(ref: MemberRef, members: Members) -> Iterator[tuple[MemberRef, Member]]:
    """Who acts for a member because it has ended, up to the first that has not, each once."""
    member, passed = members[ref], {ref}
    while member.ended and member.successor is not None:
        ref = MemberRef(ref.charter, member.successor)
        if ref in passed:
            return
        passed.add(ref)
        member = members[ref]
        yield ref, member


def acting(members: Members, facts: Facts) -> dict[Origin, list[Acting]]:
    """For each log, the spans of it that act for other members."""
    found: dict[Origin, list[Acting]] = {}
    for ref, member in members.items():
        logs = origins_of(ref, member, facts)
        lent = frozenset[str]().union(
            *(authorities_of(s.entitlements) for s in member.segments if s.origin in logs)
        )
        for origin, start, end in _spans(ref, members, facts):
            one = Acting(
                charter=ref.charter,
                start=start,
                end=end,
                ended=member.ended,
                logs=logs,
                authorities=lent,
            )
            found.setdefault(origin, []).append(one)
    return found


def relievers(
    members: Members, facts: Facts, acts: Mapping[Origin, list[Acting]]
) -> dict[Origin, frozenset[Origin]]:
    """For each log, the others in which relief may stand that ends what is listed in it (§6.2).

    Within one charter: logs that may list an authority of its, and such as act for its member.
    """
    may: dict[tuple[CharterId, str], set[Origin]] = {}
    lists: dict[Origin, set[tuple[CharterId, str]]] = {origin: set() for origin in facts}
    for ref, member in members.items():
        for segment in member.segments:
            if segment.origin in origins_of(ref, member, facts):
                for authority in authorities_of(segment.entitlements):
                    lists[segment.origin].add((ref.charter, authority))
                    may.setdefault((ref.charter, authority), set()).add(segment.origin)
    found = {origin: set[Origin]() for origin in facts}
    for origin, spans in acts.items():
        for one in spans:
            for log in one.logs:
                found[log].add(origin)
            for authority in one.authorities:
                may.setdefault((one.charter, authority), set()).add(origin)
    for origin, listed in lists.items():
        found[origin].update(*(may[one] for one in listed))
    return {origin: frozenset(others - {origin}) for origin, others in found.items()}


def answered_for(ref: MemberRef, members: Members, facts: Facts) -> bool:
    """Whether a member, or the last of its chain of successors if it has ended, has an open log."""
    *_, (last, member) = (ref, members[ref]), *successors(ref, members)
    origins = origins_of(last, member, facts)
    return any(s.cut is None and s.origin in origins for s in member.segments)


def places_of(
    known: OriginFacts, alliances: Mapping[CharterId, Alliance], members: Members, facts: Facts
) -> dict[CharterId, Place]:
    """An origin's place in each charter, prepared for `ListingRules`."""
    places = {}
    for place in known.places:
        alliance = alliances[place.ref.charter]
        if place.member.ended and not answered_for(place.ref, members, facts):
            stopped = "entitlement.ended"
        elif alliance.state is AllianceState.IN_FORCE:
            stopped = ""
        else:
            stopped = f"entitlement.{alliance.state}"
        places[place.ref.charter] = Place(
            purposes=frozenset(alliance.charter.terms.purposes),
            intervals=tuple(
                make_interval(s.from_size, s.to_size, s.entitlements) for s in place.segments
            ),
            stopped=stopped,
        )
    return places


def authorities_of(entitlements: Entitlements) -> frozenset[str]:
    """The authorities for which anything may be listed, under whatever list type."""
    return frozenset(a for right in entitlements.lists for a in right.authorities)


def _spans(
    ref: MemberRef, members: Members, facts: Facts
) -> Iterator[tuple[Origin, int, int | None]]:
    """The spans of other members' logs that act for a member."""
    for given in members[ref].delegations:
        delegate = MemberRef(ref.charter, given.member)
        if given.origin in origins_of(delegate, members[delegate], facts):
            yield given.origin, given.from_index, given.to_index
    for successor, member in successors(ref, members):
        for origin in origins_of(successor, member, facts):
            yield origin, 0, None
