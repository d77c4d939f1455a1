"""Who acts for whom, and whose relief reaches which copies (SPEC §6.2, §7.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.keys import KeyType, Signer
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.charters.verification import Entitlements, ListRight, Member, Role
from federation.errors import EntitlementError
from federation.ids import Origin
from federation.payloads import Audience
from federation.statements import Kind
from tests.support.charters import (
    ALL_KINDS,
    COURT,
    COURT_LIST,
    NOT_AFTER,
    make_chain,
    make_cut,
    make_delegation,
    make_member,
    make_segment,
    make_trust,
    origin_of,
)

ZIGONG, LUZHOU, HUB = origin_of("510300"), origin_of("510500"), origin_of("510000")
NOTHING = Entitlements(kinds=ALL_KINDS)
PLAIN_HUB = make_member("510000", roles=(Role.HUB,), entitlements=NOTHING)


def ended(member_id: str, successor: str | None = None, size: int = 5) -> Member:
    """A member whose only segment is closed."""
    segments = [make_segment(member_id, cut=make_cut(member_id, size))]
    return make_member(member_id, segments=segments, successor=successor)


def reaches(trust: Trust, relief: Origin, index: int, copy: Origin, authority: str = COURT) -> bool:
    """Whether relief at this leaf ends a copy in a log."""
    return trust.relief_reaches(relief, index, authority, [copy])


def stopped(chain: CharterChain, origin: Origin) -> str:
    """The code for which a listing of the court does not punish, or empty."""
    audience = Audience(charters=(chain.id,), purposes=("joint-punishment",))
    try:
        make_trust(chain).may_list(origin, 0, Kind.LISTING, COURT_LIST, COURT, audience)
    except EntitlementError as error:
        return error.code
    return ""


# ---- competence of a log's own segments


def test_relief_reaches_the_authorities_of_its_segment() -> None:
    trust = make_trust(make_chain([make_member("510500"), make_member("510300")]))
    assert reaches(trust, LUZHOU, 0, ZIGONG)
    assert reaches(trust, LUZHOU, 0, LUZHOU)
    assert not reaches(trust, LUZHOU, 0, ZIGONG, "other")
    assert not reaches(trust, origin_of("stranger"), 0, ZIGONG)
    segments = [
        make_segment("510500", cut=make_cut("510500", 7)),
        make_segment("510500", 2, from_size=2),
    ]
    rolled = make_trust(make_chain([make_member("510500", segments=segments)]))
    assert reaches(rolled, LUZHOU, 6, LUZHOU)
    assert not reaches(rolled, LUZHOU, 7, LUZHOU)
    assert not reaches(rolled, origin_of("510500", 2), 1, LUZHOU)


def test_one_charter_makes_competent_and_names_the_copy() -> None:
    """That the reader holds a charter with each of the two is not enough."""
    south = make_chain([make_member("510500"), make_member("510300")], name="south")
    no_lists = make_member("510500", entitlements=NOTHING)
    west = make_chain([no_lists, make_member("510100")], name="west")
    trust = make_trust(south, west)
    assert reaches(trust, LUZHOU, 0, ZIGONG)
    assert not reaches(trust, LUZHOU, 0, origin_of("510100"))
    assert reaches(make_trust(south), LUZHOU, 0, ZIGONG)
    assert trust.competence(LUZHOU, 0, COURT) == {south.id}


def test_where_relief_of_a_log_may_stand() -> None:
    """What `relief_reaches` may ever say yes to; a log with other authorities is none of it."""
    other = Entitlements(
        kinds=ALL_KINDS, lists=(ListRight(list_type=COURT_LIST, authorities=("other",)),)
    )
    apart = make_member("511500", entitlements=other)
    lent = make_member("511000", entitlements=other, delegations=[make_delegation("510000")])
    cities = [make_member("510500"), make_member("510300"), apart, lent, PLAIN_HUB]
    trust = make_trust(make_chain(cities))
    assert trust.relievers(LUZHOU) == {ZIGONG}
    assert trust.relievers(origin_of("511500")) == {origin_of("511000"), HUB}
    assert trust.relievers(origin_of("511000")) == {origin_of("511500"), HUB}
    assert trust.relievers(HUB) == trust.relievers(origin_of("stranger")) == frozenset()
    named = make_trust(make_chain([ended("510500", "510000"), make_member("510300"), PLAIN_HUB]))
    assert named.relievers(LUZHOU) == {ZIGONG, HUB}
    assert named.relievers(ZIGONG) == {LUZHOU, HUB}


def test_a_node_is_named_by_any_of_its_logs() -> None:
    trust = make_trust(make_chain([make_member("510500"), make_member("510300")]))
    newer = origin_of("510300", 2)
    assert not trust.relief_reaches(LUZHOU, 0, COURT, [newer])
    assert trust.relief_reaches(LUZHOU, 0, COURT, [newer, ZIGONG])
    assert not trust.relief_reaches(LUZHOU, 0, COURT, [])


def test_an_expired_charter_makes_competent() -> None:
    chain = make_chain([make_member("510500"), make_member("510300")])
    assert reaches(make_trust(chain, now=NOT_AFTER + 1), LUZHOU, 0, ZIGONG)


# ---- delegations


def test_a_delegate_acts_within_its_span() -> None:
    city = make_member(
        "510500", delegations=[make_delegation("510000", 3, 5), make_delegation("510000", 8)]
    )
    trust = make_trust(make_chain([city, make_member("510300"), PLAIN_HUB]))
    acting = [index for index in range(12) if trust.acts_for(HUB, index) == (LUZHOU,)]
    assert acting == [3, 4, 8, 9, 10, 11]
    assert [index for index in range(12) if reaches(trust, HUB, index, ZIGONG)] == acting
    assert trust.acts_for(LUZHOU, 3) == trust.acts_for(ZIGONG, 3) == ()


def test_beyond_the_end_of_a_delegation() -> None:
    given = make_delegation("510000", 3, 5)
    trust = make_trust(make_chain([make_member("510500", delegations=[given]), PLAIN_HUB]))
    assert [i for i in range(8) if trust.acted_for(HUB, i) == (LUZHOU,)] == [5, 6, 7]
    assert trust.acts_for_ended(HUB, 3) == ()


def test_who_acts_for_a_member_that_has_ended() -> None:
    trust = make_trust(make_chain([ended("510500", "510300"), make_member("510300")]))
    assert trust.acts_for_ended(ZIGONG, 0) == (LUZHOU,)
    assert trust.acts_for_ended(LUZHOU, 0) == ()


def test_a_delegate_has_no_more_authority_than_its_principal() -> None:
    city = make_member("510500", delegations=[make_delegation("510000")])
    trust = make_trust(make_chain([city, make_member("510300"), PLAIN_HUB]))
    assert not reaches(trust, HUB, 0, ZIGONG, "other")
    alone = make_trust(make_chain([make_member("510500"), make_member("510300"), PLAIN_HUB]))
    assert not reaches(alone, HUB, 0, ZIGONG)


def test_beyond_its_own_cut_a_delegate_is_not_competent() -> None:
    city = make_member("510500", delegations=[make_delegation("510000")])
    segments = [make_segment("510000", cut=make_cut("510000", 4), entitlements=NOTHING)]
    hub = make_member("510000", roles=(Role.HUB,), segments=segments)
    trust = make_trust(make_chain([city, hub]))
    assert [index for index in range(8) if reaches(trust, HUB, index, LUZHOU)] == [0, 1, 2, 3]
    assert trust.acts_for(HUB, 6) == (LUZHOU,)  # a relief there suspends (L13)
    assert not trust.within_cut(HUB, 6)


def test_a_delegate_is_named_within_one_charter() -> None:
    """Member ids mean something only within one: another alliance's `510000` is another node."""
    city = make_member("510500", delegations=[make_delegation("510000")])
    named = make_chain([city, PLAIN_HUB], name="named")
    namesake = replace(make_member("510100", votes=False, entitlements=NOTHING), id=PLAIN_HUB.id)
    trust = make_trust(named, make_chain([namesake, make_member("510300")], name="other"))
    assert trust.acts_for(HUB, 0) == (LUZHOU,)
    assert trust.acts_for(origin_of("510100"), 0) == ()
    assert not reaches(trust, origin_of("510100"), 0, LUZHOU)


def test_a_delegate_acts_on_the_logs_that_its_charter_names() -> None:
    """The principal's next epoch, which another charter names, is not that charter's to lend."""
    city = make_member("510500", delegations=[make_delegation("510000")])
    here = make_chain([city, PLAIN_HUB], name="here")
    segments = [
        make_segment("510500", cut=make_cut("510500", 7)),
        make_segment("510500", 2),
    ]
    there = make_chain([make_member("510500", segments=segments)], name="there")
    assert make_trust(here, there).acts_for(HUB, 0) == (LUZHOU,)


# ---- successors


def test_a_successor_acts_from_the_end_on() -> None:
    heir = make_member("510300", entitlements=NOTHING)
    before = make_trust(make_chain([make_member("510500", successor="510300"), heir]))
    assert before.acts_for(ZIGONG, 0) == ()
    assert not reaches(before, ZIGONG, 0, LUZHOU)
    after = make_trust(make_chain([ended("510500", "510300"), heir]))
    assert after.acts_for(ZIGONG, 0) == (LUZHOU,)
    assert reaches(after, ZIGONG, 0, LUZHOU)
    assert not reaches(after, ZIGONG, 0, LUZHOU, "other")


def test_a_chain_of_successors_reaches() -> None:
    heir = make_member("511000", entitlements=NOTHING)
    chain = make_chain([ended("510500", "510300"), ended("510300", "511000"), heir])
    trust = make_trust(chain)
    assert trust.acts_for(origin_of("511000"), 0) == (LUZHOU, ZIGONG)
    assert trust.acts_for(ZIGONG, 0) == (LUZHOU,)  # what it said before it ended still acts
    assert stopped(chain, LUZHOU) == stopped(chain, ZIGONG) == ""


def test_a_successor_that_lives_does_not_pass_it_on() -> None:
    living = make_member("510300", successor="511000")
    trust = make_trust(make_chain([ended("510500", "510300"), living, make_member("511000")]))
    assert trust.acts_for(origin_of("511000"), 0) == ()


def test_the_delegate_of_a_successor_acts_for_it_alone() -> None:
    heir = make_member("510300", delegations=[make_delegation("510000")])
    trust = make_trust(make_chain([ended("510500", "510300"), heir, PLAIN_HUB]))
    assert trust.acts_for(HUB, 0) == (ZIGONG,)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ([ended("510500")], "entitlement.ended"),
        ([ended("510500", "510300"), make_member("510300")], ""),
        ([ended("510500", "510300"), ended("510300")], "entitlement.ended"),
        ([ended("510500", "510300"), ended("510300", "510500")], "entitlement.ended"),
        ([ended("510500", "witness"), make_member("witness", segments=[])], "entitlement.ended"),
        ([make_member("510500", successor="510300"), ended("510300")], ""),
    ],
    ids=["none", "open", "ended last", "a circle", "no log", "not ended"],
)
def test_who_has_ended_punishes_while_somebody_answers_for_it(
    members: list[Member], code: str
) -> None:
    assert stopped(make_chain([*members, make_member("511500")]), LUZHOU) == code


def test_a_circle_of_successors_still_relieves() -> None:
    trust = make_trust(
        make_chain([ended("510500", "510300"), ended("510300", "510500"), make_member("511000")])
    )
    assert (trust.acts_for(ZIGONG, 0), trust.acts_for(LUZHOU, 0)) == ((LUZHOU,), (ZIGONG,))


def test_a_log_that_an_earlier_charter_keys_otherwise_answers_for_nobody() -> None:
    """Its segments are left out under the charter that was pinned later."""
    first = make_chain([make_member("510300"), make_member("511000")], name="first")
    key = Signer(name=ZIGONG, type=KeyType.NOTE, seed=bytes(32)).verifier
    false = make_member("510300", segments=[replace(make_segment("510300"), log_key=key)])
    later = make_chain([ended("510500", "510300"), false], name="later")
    assert stopped(later, LUZHOU) == ""
    audience = Audience(charters=(later.id,), purposes=("joint-punishment",))
    with pytest.raises(EntitlementError) as caught:
        make_trust(first, later).may_list(LUZHOU, 0, Kind.LISTING, COURT_LIST, COURT, audience)
    assert caught.value.code == "entitlement.ended"
    assert make_trust(first, later).acts_for(ZIGONG, 0) == ()


def test_a_log_that_an_earlier_charter_keys_otherwise_is_no_delegate() -> None:
    first = make_chain([make_member("510300"), make_member("511000")], name="first")
    key = Signer(name=ZIGONG, type=KeyType.NOTE, seed=bytes(32)).verifier
    false = make_member("510300", segments=[replace(make_segment("510300"), log_key=key)])
    city = make_member("510500", delegations=[make_delegation("510300")])
    later = make_chain([city, false], name="later")
    assert make_trust(later).acts_for(ZIGONG, 0) == (LUZHOU,)
    assert make_trust(first, later).acts_for(ZIGONG, 0) == ()


# ---- attestations


@pytest.mark.parametrize(
    ("region", "role", "code", "may"),
    [
        ("510500", Role.CITY, "510502", True),
        ("510500", Role.CITY, "510500", True),
        ("510500", Role.CITY, "510602", False),
        ("500152", Role.COUNTY, "500152", True),
        ("500152", Role.COUNTY, "500153", False),
        ("500000", Role.CITY, "500152", True),
        ("000000", Role.CITY, "510502", False),
        ("510500", Role.WITNESS, "510502", False),
        ("510500", Role.AUDITOR, "510502", False),
        ("510000", Role.HUB, "510502", False),
    ],
)
def test_a_city_attests_for_its_own_region(region: str, role: Role, code: str, may: bool) -> None:
    chain = make_chain(
        [replace(make_member("510599", roles=[role]), region=region), make_member("511000")]
    )
    assert make_trust(chain).attests_for(origin_of("510599"), code) == ((chain.id,) if may else ())


@pytest.mark.parametrize(
    ("code", "may"), [("510502", True), ("500152", True), ("500153", False), ("520100", False)]
)
def test_a_hub_attests_for_the_regions_that_its_charter_names(code: str, may: bool) -> None:
    hub = make_member("510000", roles=[Role.HUB], attests=["51", "500152"])
    chain = make_chain([make_member("510500"), hub])
    assert bool(make_trust(chain).attests_for(HUB, code)) is may
    assert make_trust(chain).attests_for(origin_of("stranger"), code) == ()


def test_who_has_ended_and_who_has_no_charter_in_force_attests_no_more() -> None:
    chain = make_chain([ended("510500", "510300"), make_member("510300")])
    assert make_trust(chain).attests_for(LUZHOU, "510502") == ()
    assert make_trust(chain).attests_for(ZIGONG, "510302") == (chain.id,)
    assert make_trust(chain, now=NOT_AFTER + 1).attests_for(ZIGONG, "510302") == ()


# ---- no alliance lends what is another's

IDS = ("510300", "510500", "511000", "511500")
AUTHORITIES = ("a", "b")


@st.composite
def alliances(draw: st.DrawFn, name: str) -> CharterChain:
    """An alliance of some of four nodes, with what each may list and who acts for whom."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True))
    members = []
    for member_id in ids:
        listed = draw(st.lists(st.sampled_from(AUTHORITIES), unique=True))
        rights = Entitlements(
            kinds=ALL_KINDS, lists=(ListRight(list_type="l", authorities=tuple(listed)),)
        )
        cut = make_cut(member_id, draw(st.integers(0, 4))) if draw(st.booleans()) else None
        others = [other for other in ids if other != member_id]
        spans = {
            other: (draw(st.integers(0, 3)), draw(st.sampled_from((None, 3, 4))))
            for other in others
            if draw(st.booleans())
        }
        members.append(
            make_member(
                member_id,
                segments=[make_segment(member_id, cut=cut, entitlements=rights)],
                delegations=[make_delegation(other, *span) for other, span in spans.items()],
                successor=draw(st.sampled_from([None, *others])),
            )
        )
    return make_chain(members, name=name)


@given(alliances("one"), alliances("other"))
def test_no_alliance_gives_a_say_about_another_s_records(
    one: CharterChain, other: CharterChain
) -> None:
    """What several charters allow together is what each allows by itself, and no more."""
    together, alone = make_trust(one, other), [make_trust(one), make_trust(other)]
    origins = [origin_of(member_id) for member_id in IDS]
    for relief in origins:
        for index in range(5):
            assert set(together.acts_for(relief, index)) == {
                log for trust in alone for log in trust.acts_for(relief, index)
            }
            for authority in AUTHORITIES:
                for copy in origins:
                    assert reaches(together, relief, index, copy, authority) == any(
                        reaches(trust, relief, index, copy, authority)
                        and {relief, copy} <= set(trust.origins())
                        for trust in alone
                    )
