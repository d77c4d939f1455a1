"""What several charters say together (SPEC §7.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.keys import KeyType, Signer
from federation.charters.chain import CharterChain, advance
from federation.charters.entitlement import AllianceState
from federation.charters.epochs import merge_epochs
from federation.charters.trust import MemberRef, Trust
from federation.charters.verification import Entitlements, ListRight, MemberKeys
from federation.errors import EntitlementError
from federation.ids import CharterId, Origin, Timestamp
from federation.payloads import Audience
from federation.statements import Kind
from tests.support.charters import (
    ALL_KINDS,
    COURT,
    COURT_LIST,
    EVERYTHING,
    NOT_AFTER,
    NOW,
    cosigner,
    log_signer,
    make_chain,
    make_cut,
    make_member,
    make_segment,
    make_trust,
    next_version,
    origin_of,
    seed,
    sign_all,
)

LUZHOU = origin_of("510500")
ZIGONG = origin_of("510300")
STRANGER = origin_of("999999")


def audience(*chains: CharterChain, purposes: tuple[str, ...] = ("joint-punishment",)) -> Audience:
    return Audience(charters=tuple(chain.id for chain in chains), purposes=purposes)


def fault(trust: Trust, to: Audience | None, **changes: object) -> str:
    question: dict[str, object] = {
        "origin": LUZHOU,
        "index": 0,
        "kind": Kind.LISTING,
        "list_type": COURT_LIST,
        "authority": COURT,
    }
    return trust.fault(**(question | changes), audience=to)  # type: ignore[arg-type]


def punishing(trust: Trust, to: Audience, index: int = 0) -> str:
    try:
        trust.may_list(LUZHOU, index, Kind.LISTING, COURT_LIST, COURT, to)
    except EntitlementError as error:
        return error.code
    return ""


ONE = make_chain([make_member("510500"), make_member("510300")])
OTHER = make_chain([make_member("510500"), make_member("510100")], name="成渝（演示）")


# ---- logs and keys


def test_origins_and_keys() -> None:
    trust = make_trust(ONE, OTHER)
    assert trust.origins() == (LUZHOU, ZIGONG, origin_of("510100"))
    assert trust.log_key(LUZHOU) == log_signer("510500").verifier
    assert trust.log_key(STRANGER) is None
    assert trust.segment_at(STRANGER, 0) == ()
    assert not trust.within_cut(STRANGER, 0)
    assert trust.head_keys(LUZHOU) == (cosigner("510500", "head").verifier,)
    assert trust.witness_keys(LUZHOU) == (cosigner("510500", "witness").verifier,)
    assert trust.mirror_keys(LUZHOU) == (cosigner("510500", "mirror").verifier,)
    assert trust.head_keys(STRANGER) == ()
    assert len(trust.head_keys()) == 3


def test_independent_keys_are_those_of_others() -> None:
    keys = make_trust(ONE, OTHER).independent_keys(LUZHOU)
    assert {key.name.partition(".")[0] for key in keys} == {"510300", "510100"}
    assert {key.name.partition("/")[2] for key in keys} == {"witness", "mirror"}


def test_the_first_charter_decides_about_a_log_key() -> None:
    """No alliance takes a log away from another by naming another key for it."""
    false_key = Signer(name=LUZHOU, type=KeyType.NOTE, seed=seed("false")).verifier
    segment = replace(make_segment("510500"), log_key=false_key)
    thief = replace(make_member("510599", segments=[segment]), keys=MemberKeys())
    rival = make_chain([thief, make_member("510100")], name="rival")
    trust = make_trust(ONE, rival)
    assert trust.log_key(LUZHOU) == log_signer("510500").verifier
    assert trust.conflicts == ((rival.id, LUZHOU),)
    assert fault(trust, audience(rival)) == "entitlement.audience"
    assert trust.members(LUZHOU) == (MemberRef(ONE.id, ONE.latest.terms.members[0].id),)
    assert make_trust(rival, ONE).log_key(LUZHOU) == false_key


def _two_epochs(first: int, second: int) -> tuple[CharterChain, Trust]:
    segments = [
        make_segment("510500", 1, cut=make_cut("510500", first)),
        make_segment("510500", 2, from_size=second),
    ]
    chain = make_chain([make_member("510500", segments=segments), make_member("510300")])
    return chain, make_trust(chain)


def test_a_node_is_its_chain_of_epochs() -> None:
    _, trust = _two_epochs(7, 0)
    both = (origin_of("510500", 1), origin_of("510500", 2))
    assert trust.chain(both[0]) == trust.chain(both[1]) == both
    assert trust.chain(ZIGONG) == (ZIGONG,)
    assert trust.chain(STRANGER) == ()
    assert trust.head_keys(both[0]) == trust.head_keys(both[1]) != ()


def test_charters_add_up_to_the_chain() -> None:
    """One charter knows epochs 1 and 2, the other, joined late, only 2 and 3."""
    later = [
        make_segment("510500", 2, cut=make_cut("510500", 4, 2)),
        make_segment("510500", 3),
    ]
    late = make_chain([make_member("510500", segments=later), make_member("510100")], name="late")
    early, _ = _two_epochs(7, 0)
    expected = tuple(origin_of("510500", epoch) for epoch in (1, 2, 3))
    for trust in (make_trust(early, late), make_trust(late, early)):
        assert all(trust.chain(origin) == expected for origin in expected)
        assert {ref.charter for ref in trust.members(expected[0])} == {early.id, late.id}


@given(st.integers(1, 9), st.data())
def test_merging_any_parts_of_a_chain_gives_its_order(length: int, data: st.DataObject) -> None:
    whole = [Origin(f"n/{epoch}") for epoch in range(1, length + 1)]
    pairs = [tuple(whole[i : i + 2]) for i in range(max(1, length - 1))]
    extra = data.draw(st.lists(st.sets(st.sampled_from(whole), min_size=1), max_size=3))
    parts = data.draw(
        st.permutations(pairs + [tuple(o for o in whole if o in part) for part in extra])
    )
    merged = merge_epochs(parts)
    assert all(merged[origin] == tuple(whole) for origin in whole)


def test_contradicting_orders_still_give_all_epochs() -> None:
    a, b = Origin("n/1"), Origin("n/2")
    assert set(merge_epochs([(a, b), (b, a)])[a]) == {a, b}


def test_the_order_of_epochs_that_parts_leave_open() -> None:
    a, b, c, d = (Origin(f"n/{epoch}") for epoch in range(1, 5))
    for parts, chain in (
        ([(a, b), (a, c)], (a, b, c)),
        ([(a, c), (a, b)], (a, c, b)),
        ([(a, b), (b,)], (a, b)),
        ([(b,), (a, b)], (a, b)),
        ([(c, d), (a, b), (b, c)], (a, b, c, d)),
        ([(b, a), (a, b)], (b, a)),
    ):
        assert merge_epochs(parts) == dict.fromkeys(chain, chain)


# ---- what a leaf may say


def test_an_entitled_listing() -> None:
    assert fault(make_trust(ONE), audience(ONE)) == ""
    assert punishing(make_trust(ONE), audience(ONE)) == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"origin": STRANGER}, "entitlement.audience"),
        ({"list_type": "other"}, "entitlement.list-type"),
        ({"authority": "other"}, "entitlement.authority"),
        ({"kind": 99}, "entitlement.kind"),
    ],
)
def test_faults(changes: dict[str, object], code: str) -> None:
    assert fault(make_trust(ONE), audience(ONE), **changes) == code


def test_a_listing_needs_a_charter_of_its_audience() -> None:
    """Being entitled elsewhere does not help: each alliance judges for itself."""
    silent = make_chain(
        [make_member("510500", entitlements=Entitlements(kinds=ALL_KINDS)), make_member("510100")]
    )
    trust = make_trust(ONE, silent)
    assert fault(trust, audience(silent)) == "entitlement.list-type"
    assert fault(trust, audience(silent, ONE)) == ""
    unknown = Audience(charters=(CharterId(bytes(32)),), purposes=("joint-punishment",))
    assert fault(trust, unknown) == "entitlement.audience"


def test_the_purpose_must_be_one_of_the_charter() -> None:
    assert fault(make_trust(ONE), audience(ONE, purposes=("scoring",))) == "entitlement.purpose"


@pytest.mark.parametrize("index", range(14))
def test_a_leaf_is_judged_by_the_segment_that_contains_it(index: int) -> None:
    """List rights end at 5; nothing counts from 9 to 10; then all counts again."""
    segments = [
        make_segment("510500", cut=make_cut("510500", 5)),
        make_segment(
            "510500",
            from_size=5,
            cut=make_cut("510500", 9),
            entitlements=replace(EVERYTHING, lists=()),
        ),
        make_segment("510500", from_size=11),
    ]
    chain = make_chain([make_member("510500", segments=segments), make_member("510300")])
    trust = make_trust(chain)
    expected = (
        ""
        if index < 5 or index >= 11
        else "entitlement.list-type"
        if index < 9
        else "entitlement.segment"
    )
    assert fault(trust, audience(chain), index=index) == expected
    assert punishing(trust, audience(chain), index) == expected
    assert trust.within_cut(LUZHOU, index) == (index not in (9, 10))
    assert len(trust.segment_at(LUZHOU, index)) == (index not in (9, 10))


def test_each_alliance_cuts_for_itself() -> None:
    cut = make_member("510500", segments=[make_segment("510500", cut=make_cut("510500", 5))])
    ended = make_chain([cut, make_member("510100")], name="ended")
    trust = make_trust(ended, ONE)
    assert fault(trust, audience(ended), index=5) == "entitlement.segment"
    assert fault(trust, audience(ONE), index=5) == ""
    assert [s.member.charter for s in trust.segment_at(LUZHOU, 5)] == [ONE.id]
    assert trust.within_cut(LUZHOU, 5)


def test_an_expired_charter_stops_punishment_not_reading_or_relief() -> None:
    at_end, after = make_trust(ONE, now=NOT_AFTER), make_trust(ONE, now=NOT_AFTER + 1)
    assert punishing(at_end, audience(ONE)) == ""
    assert punishing(after, audience(ONE)) == "entitlement.expired"
    assert fault(after, audience(ONE)) == ""
    assert after.relief_reaches(LUZHOU, 0, COURT, [ZIGONG])
    assert after.alliances[0].state is AllianceState.EXPIRED
    assert (at_end.valid_until, after.valid_until) == (NOT_AFTER, None)


def test_a_listing_stands_while_one_charter_of_its_audience_is_in_force() -> None:
    terms = replace(OTHER.latest.terms, not_after=Timestamp(NOW + 5))
    short = make_chain(terms.members)
    assert punishing(make_trust(short, ONE, now=NOT_AFTER), audience(short, ONE)) == ""


def test_a_forked_charter_stops_punishment() -> None:
    first = ONE.latest
    versions = [next_version(first, not_after=Timestamp(NOT_AFTER + n)) for n in (1, 2)]
    chain = advance(advance(ONE, sign_all(versions[0])), sign_all(versions[1]))
    trust = make_trust(chain)
    assert punishing(trust, audience(chain)) == "entitlement.forked"
    assert fault(trust, audience(chain)) == ""
    assert trust.relief_reaches(LUZHOU, 0, COURT, [ZIGONG])
    assert trust.alliances[0].state is AllianceState.FORKED


def test_of_several_charters_the_nearest_gives_the_code() -> None:
    listless = make_chain(
        [make_member("510500", entitlements=Entitlements()), make_member("510300")], name="listless"
    )
    trust = make_trust(ONE, listless)
    to = audience(listless, ONE)
    assert fault(trust, to, authority="other") == "entitlement.authority"


def test_kinds_without_a_list() -> None:
    chain = make_chain(
        [make_member("510500", entitlements=Entitlements(kinds=(7,))), make_member("510300")]
    )
    trust = make_trust(chain)
    assert fault(trust, None, kind=Kind.SCENARIO, list_type="", authority="") == ""
    assert fault(trust, None, kind=Kind.RECOGNITION) == "entitlement.kind"
    assert fault(trust, audience(chain), kind=Kind.OUTCOME) == "entitlement.kind"
    for kind in (Kind.RECEIPT, Kind.ERASURE, Kind.CHARTER, Kind.CONTINUATION, Kind.AUDIENCE_KEY):
        assert fault(trust, None, kind=kind) == ""


@pytest.mark.parametrize("kind", [Kind.LISTING, Kind.CORRECTION, Kind.RELISTING, Kind.COMMENDATION])
def test_kinds_that_stand_on_a_list(kind: Kind) -> None:
    assert fault(make_trust(ONE), audience(ONE), kind=kind, authority="other") != ""


@pytest.mark.parametrize("kind", [Kind.REPAIR, Kind.WITHDRAWAL, Kind.ANNOTATION])
def test_relief_stands_in_any_charter(kind: Kind) -> None:
    """Also where its audience is an alliance that this reader is not in."""
    elsewhere = Audience(charters=(CharterId(bytes(32)),), purposes=("audit",))
    assert fault(make_trust(ONE), elsewhere, kind=kind) == ""


def test_relief_is_never_refused_for_its_kind() -> None:
    listless = make_chain([make_member("510500", entitlements=Entitlements()), make_member("1")])
    for kind in (Kind.REPAIR, Kind.WITHDRAWAL):
        assert fault(make_trust(listless), audience(listless), kind=kind) == ""


def test_two_entries_of_one_list_type_add_up() -> None:
    rights = (
        ListRight(list_type="a", authorities=("x",)),
        ListRight(list_type="a", authorities=("y",)),
    )
    member = make_member("510500", entitlements=Entitlements(kinds=(1,), lists=rights))
    chain = make_chain([member, make_member("510300")])
    trust = make_trust(chain)
    for authority in ("x", "y"):
        assert fault(trust, audience(chain), list_type="a", authority=authority) == ""
