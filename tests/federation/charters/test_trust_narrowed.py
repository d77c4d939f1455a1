"""Members of an audience only narrow, and never what relieves: any audience, any reader (§7.5)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from federation.charters.entitlement import RELIEVING_KINDS
from federation.charters.trust import MemberRef, Trust
from federation.charters.verification import Reception
from federation.ids import node_of
from federation.payloads import Audience
from federation.statements import OPEN_KINDS, Kind
from tests.support.charters import (
    NOT_AFTER,
    NOW,
    make_chain,
    make_cut,
    make_member,
    make_segment,
    make_trust,
    origin_of,
)

PURPOSES = ("joint-punishment", "audit")
SOME = Reception(kinds=(Kind.LISTING, Kind.OUTCOME, Kind.REPAIR), purposes=("audit",))
ONE = make_chain(
    [make_member("510300"), make_member("510500", receives=[SOME]), make_member("510000")]
)
OTHER = make_chain(
    [
        make_member(
            "510300",
            segments=[make_segment("510300", cut=make_cut("510300", 5)), make_segment("510399")],
        ),
        make_member("510100"),
    ],
    name="成渝（演示）",
)
NODES = ("510000", "510100", "510300", "510399", "510500", "999999")
NAMES = {node: node_of(origin_of(node)) for node in NODES}
TRUSTS = [make_trust(ONE, OTHER, now=now) for now in (NOW, NOT_AFTER + 1)]
REFS = [MemberRef(c.id, m.id) for c in (ONE, OTHER) for m in c.latest.terms.members]

AUDIENCES = st.builds(
    Audience,
    charters=st.lists(st.sampled_from([ONE.id, OTHER.id]), min_size=1, unique=True).map(tuple),
    purposes=st.lists(st.sampled_from(PURPOSES), min_size=1, unique=True).map(tuple),
    members=st.lists(st.sampled_from(sorted(NAMES.values())), max_size=4).map(tuple),
)
READERS = st.lists(st.sampled_from(REFS), max_size=3, unique=True).map(tuple)
KINDS = st.sampled_from(sorted(set(Kind) - OPEN_KINDS))


def served(trust: Trust, reader: tuple[MemberRef, ...], audience: Audience, kind: Kind) -> bool:
    """Whether the reader may have it of a log that both charters name."""
    return trust.entitled_reader(reader, origin_of("510300"), audience, kind)


@given(audience=AUDIENCES, reader=READERS, kind=KINDS, trust=st.sampled_from(TRUSTS))
def test_members_only_narrow(
    audience: Audience, reader: tuple[MemberRef, ...], kind: Kind, trust: Trust
) -> None:
    for asked in (partial(served, trust), trust.may_keep):
        with_members = asked(reader, audience, kind)
        without = asked(reader, replace(audience, members=()), kind)
        assert with_members <= without
        if kind in RELIEVING_KINDS or not audience.members:
            assert with_members == without


@given(audience=AUDIENCES, reader=READERS, kind=KINDS, trust=st.sampled_from(TRUSTS))
def test_whoever_gets_it_is_named_and_whoever_is_not_gets_nothing(
    audience: Audience, reader: tuple[MemberRef, ...], kind: Kind, trust: Trust
) -> None:
    if kind in RELIEVING_KINDS or not audience.members:
        return
    own = {NAMES[ref.member] for ref in reader if ref.charter in audience.charters}
    if (OTHER.id, "510300") in reader and OTHER.id in audience.charters:
        own.add(NAMES["510399"])
    if own.isdisjoint(audience.members):
        assert not served(trust, reader, audience, kind)
        assert not trust.may_keep(reader, audience, kind)


@given(audience=AUDIENCES, reader=READERS, kind=KINDS)
def test_nobody_is_blamed_for_what_the_reader_may_keep(
    audience: Audience, reader: tuple[MemberRef, ...], kind: Kind
) -> None:
    trust = TRUSTS[0]
    if kind not in RELIEVING_KINDS and trust.may_keep(reader, audience, kind):
        assert not trust.meant_for_others(reader, audience)
