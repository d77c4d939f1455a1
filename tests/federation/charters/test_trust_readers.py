"""Who may receive what, and who the peers are, by several charters (SPEC §7.5)."""

from __future__ import annotations

from dataclasses import replace

from federation.charters.chain import CharterChain
from federation.charters.verification import Reception, Role
from federation.payloads import Audience
from federation.statements import Kind
from tests.support.charters import (
    NOT_AFTER,
    certificate,
    make_chain,
    make_cut,
    make_member,
    make_segment,
    make_trust,
    origin_of,
    southern_sichuan,
)

LUZHOU = origin_of("510500")
ZIGONG = origin_of("510300")
STRANGER = origin_of("999999")
ONE = make_chain([make_member("510500"), make_member("510300")])
OTHER = make_chain([make_member("510500"), make_member("510100")], name="成渝（演示）")
SOUTH = southern_sichuan()


def audience(*chains: CharterChain, purposes: tuple[str, ...] = ("joint-punishment",)) -> Audience:
    return Audience(charters=tuple(chain.id for chain in chains), purposes=purposes)


def test_members_by_their_exact_certificate() -> None:
    trust = make_trust(ONE, OTHER)
    refs = trust.member_by_certificate(certificate("510500"))
    assert [ref.charter for ref in refs] == [ONE.id, OTHER.id]
    assert trust.member(refs[0]).id == "510500"
    assert trust.member_by_certificate(certificate("510500", 2)) == ()
    assert trust.member_by_certificate(certificate("510500") + b"\0") == ()


def test_a_log_is_offered_within_its_alliances() -> None:
    trust = make_trust(ONE, OTHER)
    chengdu = trust.member_by_certificate(certificate("510100"))
    assert trust.same_alliance(LUZHOU, chengdu)
    assert not trust.same_alliance(ZIGONG, chengdu)
    assert not trust.same_alliance(STRANGER, chengdu)
    assert not trust.same_alliance(LUZHOU, ())


def test_openings_go_to_entitled_members_of_the_audience() -> None:
    narrow = Reception(kinds=(Kind.LISTING,), purposes=("audit",))
    chain = make_chain([make_member("510500"), make_member("510300", receives=[narrow])])
    trust = make_trust(chain, OTHER)
    zigong = trust.member_by_certificate(certificate("510300"))
    chengdu = trust.member_by_certificate(certificate("510100"))
    audit = audience(chain, purposes=("audit", "supervision"))
    assert trust.entitled_reader(zigong, LUZHOU, audit, Kind.LISTING)
    assert not trust.entitled_reader(zigong, LUZHOU, audit, Kind.OUTCOME)
    assert not trust.entitled_reader(zigong, LUZHOU, audience(chain), Kind.LISTING)
    assert not trust.entitled_reader(chengdu, LUZHOU, audit, Kind.LISTING)
    assert trust.entitled_reader(chengdu, LUZHOU, audience(chain, OTHER), Kind.LISTING)
    assert not trust.entitled_reader((), LUZHOU, audit, Kind.LISTING)


def test_kind_and_purpose_belong_to_one_reception() -> None:
    receives = [
        Reception(kinds=(Kind.LISTING,), purposes=("audit",)),
        Reception(kinds=(Kind.OUTCOME,), purposes=("joint-punishment",)),
    ]
    chain = make_chain([make_member("510500"), make_member("510300", receives=receives)])
    trust = make_trust(chain)
    zigong = trust.member_by_certificate(certificate("510300"))
    assert not trust.entitled_reader(zigong, LUZHOU, audience(chain), Kind.LISTING)


def test_after_expiry_only_relief_is_handed_on() -> None:
    trust = make_trust(ONE, now=NOT_AFTER + 1)
    zigong = trust.member_by_certificate(certificate("510300"))
    assert trust.entitled_reader(zigong, LUZHOU, audience(ONE), Kind.REPAIR)
    assert trust.entitled_reader(zigong, LUZHOU, audience(ONE), Kind.ANNOTATION)
    assert not trust.entitled_reader(zigong, LUZHOU, audience(ONE), Kind.LISTING)
    assert trust.same_alliance(LUZHOU, zigong)


def test_peers_are_the_other_nodes_each_once() -> None:
    first = make_chain([make_member("510500"), make_member("510300", endpoints=["a.example:1"])])
    moved = replace(
        make_member("510300", endpoints=["b.example:2"]), certificates=(certificate("510300", 2),)
    )
    auditor = make_member("auditor", segments=[], roles=(Role.AUDITOR,), votes=False)
    second = make_chain([make_member("510500"), moved, auditor], name="second")
    elsewhere = make_chain([make_member("510100"), make_member("500152")], name="elsewhere")
    zigong, outside = make_trust(first, second, elsewhere).peers(LUZHOU)
    assert zigong.origin == ZIGONG
    assert zigong.endpoints == ("a.example:1", "b.example:2")
    assert zigong.certificates == (certificate("510300"), certificate("510300", 2))
    assert len(zigong.members) == 2
    assert (outside.name, outside.origin) == ("auditor结点（演示）", None)


def test_peers_leave_out_members_that_ended() -> None:
    gone = replace(
        make_member("510300", segments=[make_segment("510300", cut=make_cut("510300", 5))]),
        certificates=(),
    )
    trust = make_trust(make_chain([make_member("510500"), gone]))
    assert trust.peers(LUZHOU) == ()


def test_a_peer_is_known_by_its_newest_open_log() -> None:
    segments = [
        make_segment("510500", 1, cut=make_cut("510500", 7)),
        make_segment("510500", 2),
    ]
    rolled = make_member("510500", segments=segments)
    trust = make_trust(make_chain([rolled, make_member("510300")]))
    (peer,) = trust.peers(ZIGONG)
    assert peer.origin == origin_of("510500", 2)


def test_the_usual_alliance() -> None:
    assert len(SOUTH.trust.origins()) == 5
    assert len(SOUTH.trust.peers(LUZHOU)) == 4
