"""What was said stays judged as it was, under every later valid version (SPEC §7.3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.charters.chain import CharterChain, advance
from federation.charters.trust import Trust
from federation.charters.verification import Entitlements, ListRight, Member
from federation.errors import CharterError
from federation.ids import MemberId, Origin
from tests.support.charters import (
    ALL_KINDS,
    make_chain,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    make_trust,
    next_version,
    origin_of,
    sign_all,
)

IDS = ("510300", "510500", "511000", "510000")
VOTER = make_member("511500")
ACTIONS = ("delegate", "undelegate", "end", "reopen", "succeed", "drop", "move")


def rights_of(member_id: str) -> Entitlements:
    """Each may list for one authority, named like its log."""
    right = ListRight(list_type="l", authorities=(origin_of(member_id),))
    return Entitlements(kinds=ALL_KINDS, lists=(right,))


@dataclass
class History:
    """Versions of one charter, and how long each log was when each was signed."""

    versions: list[CharterChain]
    sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(IDS, 2))
    then: list[dict[str, int]] = field(default_factory=list)

    def members(self) -> dict[str, Member]:
        """The four as the newest version has them."""
        return {m.id: m for m in self.versions[-1].latest.terms.members if m.id in IDS}

    def sign(self, *changed: Member) -> None:
        """Add a version in which these members are changed, if it is valid."""
        members = self.members() | {member.id: member for member in changed}
        terms = next_version(self.versions[-1].latest, members=(*members.values(), VOTER))
        try:
            self.versions.append(advance(self.versions[-1], sign_all(terms)))
        except CharterError:
            return
        self.then.append(dict(self.sizes))


def _change(draw: st.DrawFn, history: History) -> None:
    """One change that voters may try: what they close they close at what the logs have come to."""
    members = history.members()
    who = members[draw(st.sampled_from(IDS[:2]))]
    other = draw(st.sampled_from([one for one in IDS if one != who.id]))
    last = who.segments[-1]
    action = draw(st.sampled_from(ACTIONS))
    open_to = [d for d in who.delegations if d.to_index is None]
    if action == "delegate" and all(d.member != other for d in open_to):
        given_now = make_delegation(other, history.sizes[other])
        history.sign(replace(who, delegations=(*who.delegations, given_now)))
    elif action == "undelegate" and open_to:
        closing = draw(st.sampled_from(open_to))
        kept = tuple(
            replace(d, to_index=history.sizes[d.member]) if d is closing else d
            for d in who.delegations
        )
        history.sign(replace(who, delegations=kept))
    elif action == "end" and last.cut is None:
        cut = make_cut(who.id, history.sizes[who.id])
        closed = (*who.segments[:-1], replace(last, cut=cut))
        history.sign(replace(who, segments=closed))
    elif action == "reopen" and last.cut is not None:
        again = make_segment(
            who.id, from_size=history.sizes[who.id], entitlements=rights_of(who.id)
        )
        history.sign(replace(who, segments=(*who.segments, again)))
    elif action == "succeed":
        history.sign(replace(who, successor=None if draw(st.booleans()) else MemberId(other)))
    elif action == "drop" and who.delegations:
        history.sign(replace(who, delegations=who.delegations[:-1]))
    elif action == "move" and who.delegations:
        last_given = who.delegations[-1]
        if last_given.to_index is not None:  # an open one may be closed at any size
            moved = replace(last_given, to_index=draw(st.integers(0, 3)))
            history.sign(replace(who, delegations=(*who.delegations[:-1], moved)))


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A charter of four nodes and a voter, changed a few times while the logs grow."""
    members = [make_member(one, entitlements=rights_of(one)) for one in IDS]
    history = History([make_chain([*members, VOTER])])
    history.then.append(dict(history.sizes))
    for _ in range(draw(st.integers(4, 12))):
        _change(draw, history)
        grown = draw(st.sampled_from(IDS))
        history.sizes[grown] += draw(st.integers(1, 3))
    history.then = [*history.then[1:], dict(history.sizes)]  # what stood before the next version
    return history


def said(trust: Trust, origin: Origin, index: int) -> set[tuple[Origin, bool]]:
    """The logs on which a leaf acts for others, and whether its relief follows there."""
    return {
        (log, trust.relief_reaches(origin, index, log, [log]))
        for log in trust.acts_for(origin, index)
    }


@settings(deadline=None)
@given(histories())
def test_what_was_said_for_another_stays_said_for_it(history: History) -> None:
    trusts = [make_trust(chain) for chain in history.versions]
    for (trust, later), sizes in zip(pairwise(trusts), history.then, strict=False):
        gone = {origin_of(member.id) for member in _ended(later)}
        for member_id in IDS:
            origin = origin_of(member_id)
            for index in range(sizes[member_id]):
                before, after = said(trust, origin, index), said(later, origin, index)
                assert before <= after
                # Only as a successor does anybody come to act by what it said before.
                assert {log for log, _ in after - before} <= gone


def _ended(trust: Trust) -> list[Member]:
    return [m for m in trust.alliances[0].charter.terms.members if m.ended]
