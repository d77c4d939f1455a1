"""What `federation.charters.trust` looks things up in, made once from the charters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crypto.keys import VerifierKey
from federation.charters.entitlement import AllianceState
from federation.charters.values import Charter, Member, Segment
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
