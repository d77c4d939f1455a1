"""What `federation.trust` looks things up in, made once from the charters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crypto.keys import VerifierKey
from federation.charter_values import Charter, Entitlements, Member, Segment
from federation.entitlement import AllianceState, Interval, Place, make_interval
from federation.ids import CharterId, MemberId, Origin


class MemberRef(NamedTuple):
    """A member of a charter; member ids mean something only within one."""

    charter: CharterId
    member: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class Alliance:
    """A charter as it stands at the time of the `Trust`."""

    charter: Charter
    state: AllianceState

    @property
    def id(self) -> CharterId:
        """The alliance's id."""
        return self.charter.id


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginPlace:
    """Where one charter names an origin: the member, and its segments of this origin."""

    ref: MemberRef
    member: Member
    segments: tuple[Segment, ...]


@dataclass(slots=True, kw_only=True)
class OriginFacts:
    """An origin's key, and its place in each charter that names it with this key."""

    log_key: VerifierKey
    places: list[OriginPlace] = field(default_factory=list)


Members = Mapping[MemberRef, Member]
Facts = Mapping[Origin, OriginFacts]
Conflicts = tuple[tuple[CharterId, Origin], ...]


def gather(members: Members) -> tuple[dict[Origin, OriginFacts], Conflicts]:
    """Collect every origin of the charters, the first charter deciding about its key.

    Returns:
        The facts, and (charter, origin) where a charter names another key than an earlier one;
        such segments are left out.
    """
    facts: dict[Origin, OriginFacts] = {}
    conflicts: list[tuple[CharterId, Origin]] = []
    for ref, member in members.items():
        for origin in member.origins:
            segments = tuple(s for s in member.segments if s.origin == origin)
            known = facts.setdefault(origin, OriginFacts(log_key=segments[0].log_key))
            if known.log_key == segments[0].log_key:
                known.places.append(OriginPlace(ref=ref, member=member, segments=segments))
            else:
                conflicts.append((ref.charter, origin))
    return facts, tuple(conflicts)


def origins_of(ref: MemberRef, member: Member, facts: Facts) -> tuple[Origin, ...]:
    """The member's origins that its charter may speak of (see `gather`), oldest first."""
    return tuple(o for o in member.origins if any(p.ref == ref for p in facts[o].places))


def principals(ref: MemberRef, members: Members) -> Iterator[tuple[MemberRef, Member]]:
    """Members of the same charter that name this one as their delegate or successor."""
    for other, member in members.items():
        if other.charter != ref.charter:
            continue
        named = any(one.member == ref.member and one.to_index is None for one in member.delegations)
        if named or member.successor == ref.member:
            yield other, member


def delegators(members: Members, facts: Facts) -> dict[Origin, tuple[Origin, ...]]:
    """For each origin, the origins of its node's principals."""
    speaks: dict[Origin, tuple[Origin, ...]] = {}
    for origin, known in facts.items():
        found = [
            theirs
            for place in known.places
            for ref, member in principals(place.ref, members)
            for theirs in origins_of(ref, member, facts)
        ]
        speaks[origin] = tuple(dict.fromkeys(found))
    return speaks


def places_of(
    known: OriginFacts, alliances: Mapping[CharterId, Alliance]
) -> dict[CharterId, Place]:
    """An origin's place in each charter, prepared for `ListingRules`."""
    places = {}
    for place in known.places:
        alliance = alliances[place.ref.charter]
        if place.member.ended and place.member.successor is None:
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


def relief_of(known: OriginFacts, members: Members) -> tuple[tuple[Interval, frozenset[str]], ...]:
    """Per segment of an origin, the authorities whose records its relief ends."""
    reach = []
    for place in known.places:
        lent = frozenset[str]().union(
            *(
                _authorities(segment.entitlements)
                for _, member in principals(place.ref, members)
                for segment in member.segments
            )
        )
        for segment in place.segments:
            part = make_interval(segment.from_size, segment.to_size, segment.entitlements)
            reach.append((part, _authorities(segment.entitlements) | lent))
    return tuple(reach)


def _authorities(entitlements: Entitlements) -> frozenset[str]:
    return frozenset(a for right in entitlements.lists for a in right.authorities)
