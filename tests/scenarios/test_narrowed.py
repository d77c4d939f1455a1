"""An opening for one member of an alliance: no other member and no hub ever gets it (§7.5, R8).

泸州 says it, 自贡 is named; 宜宾 is a member of the same charter, and 510000 its hub.

Covers node/records/exporting.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.export.tile_export import TileExport
from federation.charters.entitlement import RELIEVING_KINDS
from federation.errors import RefusedError
from federation.ids import Date, MemberId, StatementId, node_of
from federation.payloads import Audience, Correction, Payload
from federation.peers.frames import Cursor, Frame, LateOpening, Subscribe
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus, State
from federation.statements import ACTIONS, OPEN_KINDS, AnnotationAction, Kind
from node.records.exporting import closed_openings
from tests.scenarios.test_packets import carry
from tests.scenarios.test_recovery import recover, restore
from tests.support import charters as build
from tests.support.liar import Stream
from tests.support.payload_kinds import EXAMPLES
from tests.support.simulation import (
    Federation,
    SimNode,
    leaf_hash_of,
    listing,
    relief_payload,
)

Federate = Callable[..., Federation]
CITY, NAMED, OTHER, HUB = "510500", "510300", "511500", "510000"
LOG = build.origin_of(CITY)
NAME = node_of(build.origin_of(NAMED))


def narrow(node: SimNode, *members: str) -> Audience:
    """The usual audience, narrowed to these; by default to the one named."""
    return replace(node.audience(), members=members or (NAME,))


def say_two(federation: Federation) -> StatementId:
    """One listing for all (0), and one for the member named (1)."""
    city = federation[CITY]
    city.list_(listing(1, audience=city.audience()))
    return city.list_(listing(2, audience=narrow(city)))


@pytest.fixture
def federation(federate: Federate) -> Federation:
    """Nobody is connected yet, and both listings are said."""
    made = federate()
    say_two(made)
    return made


def opened(node: SimNode) -> list[int]:
    """Leaves of the log of which a node holds the opening."""
    with node.store.read() as session:
        head = session.head(LOG)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
        stored = [one.index for one in session.openings(head.log, range(head.size))]
    assert [row.idx for row in rows if row.opening == OpeningStatus.PRESENT] == stored
    return stored


def answers(peer: SimNode, reader: str) -> list[str]:
    """What a peer answers to GetOpenings of both leaves."""
    found = peer.exchange.openings_for(MemberId(reader), LOG, [0, 1])
    return [OpeningStatus(one.status).name for one in found]


def by_stream(federation: Federation) -> None:
    for member in (NAMED, OTHER, HUB):
        federation.connect(CITY, member)
    federation.settle()


def by_packet(federation: Federation) -> None:
    for member in (NAMED, OTHER, HUB):
        carry(federation, CITY, member)


@pytest.mark.parametrize("bring", [by_stream, by_packet])
def test_the_leaf_reaches_all_and_the_opening_the_member_named(
    federation: Federation, bring: Callable[[Federation], None]
) -> None:
    bring(federation)
    assert [opened(federation[member]) for member in (NAMED, OTHER, HUB)] == [[0, 1], [0], [0]]
    for member in (OTHER, HUB):
        node = federation[member]
        assert node.sizes()[LOG] == 2
        assert node.exchange.missing_openings(10) == {}
        assert node.exchange.blamed() == {}


def test_nobody_who_holds_it_answers_another(federation: Federation) -> None:
    by_stream(federation)
    for holder in (CITY, NAMED):
        for reader in (OTHER, HUB):
            assert answers(federation[holder], reader) == ["PRESENT", "NOT_FOR_US"]
    assert answers(federation[CITY], NAMED) == ["PRESENT", "PRESENT"]
    assert answers(federation[NAMED], CITY) == ["PRESENT", "PRESENT"], "it has said it itself"
    assert answers(federation[HUB], NAMED) == ["PRESENT", "PENDING"], "a hub cannot judge it"


def test_behind_a_hub_it_waits_for_the_origin(federation: Federation) -> None:
    for member in (CITY, NAMED, OTHER):
        federation.connect(member, HUB)
    federation.settle()
    city, named, hub = federation[CITY], federation[NAMED], federation[HUB]
    assert (opened(named), opened(hub)) == ([0], [0])
    assert named.exchange.missing_openings(10) == {LOG: [1]}
    heads, _ = hub.exchange.heads_for(MemberId(NAMED))
    assert any(LOG.encode() in note for note in heads)
    asked = city.exchange.openings_for(MemberId(NAMED), LOG, [1])
    assert named.exchange.take_openings(LOG, [(1, asked[0])], MemberId(CITY)) == 1
    assert opened(named) == [0, 1]


@pytest.mark.parametrize("reader", [OTHER, HUB, CITY])
def test_what_came_late_is_passed_on_to_nobody_but_its_origin(
    federation: Federation, reader: str
) -> None:
    for member in (CITY, NAMED):
        federation.connect(member, HUB)
    federation.settle()
    city, named = federation[CITY], federation[NAMED]
    session = named.exchange.open_session(MemberId(reader))
    named.exchange.handle(session, Subscribe(cursors=(Cursor(origin=LOG, size=2),)))
    named.exchange.plan(session)
    (given,) = city.exchange.openings_for(MemberId(NAMED), LOG, [1])
    named.exchange.take_openings(LOG, [(1, given)], MemberId(CITY))
    late = [one for one in named.exchange.plan(session) if isinstance(one, LateOpening)]
    assert [one.index for one in late] == ([1] if reader == CITY else [])


def test_a_member_that_hands_it_on_is_blamed_and_nothing_is_kept(federation: Federation) -> None:
    """宜宾 is sent it by 自贡: late, as an answer, and in a batch by the hub."""
    by_stream(federation)
    named, other = federation[NAMED], federation[OTHER]
    (given,) = federation[CITY].exchange.openings_for(MemberId(NAMED), LOG, [1])
    assert given.status == OpeningStatus.PRESENT
    stream = Stream(other, NAMED)
    assert stream.send(LateOpening(origin=LOG, index=1, opening=given)) == ""
    assert other.exchange.take_openings(LOG, [(1, given)], named.member) == 0
    assert other.exchange.blamed() == {(NAMED, "opening.not-for-us"): 2}
    assert opened(other) == [0]


def test_a_hub_that_has_it_hands_it_to_nobody(federation: Federation) -> None:
    """The hub was given it by a program that is not ours, and kept it."""
    federation.connect(CITY, NAMED)
    federation.settle()
    frames = sent_to_the_named(federation)
    hub = federation[HUB]
    assert Stream(hub, CITY).send(*frames) == ""
    assert hub.exchange.blamed() == {(CITY, "opening.not-for-us"): 1}
    assert (opened(hub), hub.sizes()[LOG]) == ([0], 2)


def sent_to_the_named(federation: Federation) -> list[Frame]:
    """The batch that the origin sends to the member named."""
    city = federation[CITY]
    session = city.exchange.open_session(MemberId(NAMED))
    city.exchange.handle(session, Subscribe(cursors=(Cursor(origin=LOG, size=0),)))
    frames = city.exchange.plan(session)
    (batch,) = [frame for frame in frames if isinstance(frame, DeliveredBatch)]
    assert [one.status for one in batch.openings] == [OpeningStatus.PRESENT] * 2
    return [batch]


def test_it_comes_back_to_its_origin(
    federation: Federation, databases: Callable[[str], str]
) -> None:
    by_stream(federation)
    city = federation[CITY]
    before = city.states()
    restore(federation, city, databases("fresh"))
    federation.settle()
    assert recover(federation, city).refilled == 2
    assert opened(city) == [0, 1]
    assert city.states() == before


@pytest.mark.parametrize(
    ("reader", "indices"),
    [(NAMED, ["000", "001"]), (OTHER, ["000"]), (HUB, ["000"]), (None, ["000"])],
)
def test_an_export_holds_what_its_reader_may_have(
    federation: Federation, tmp_path: Path, reader: str | None, indices: list[str]
) -> None:
    city = federation[CITY]
    with city.store.read() as session:
        head = session.head(LOG)
        assert head is not None
        named = None if reader is None else MemberId(reader)
        closed = closed_openings(session, city.trust(), named)
        export = TileExport(session, tmp_path / "out", city.keyring.held_openings, closed=closed)
        written = export.write(head, [build.log_signer(CITY).verifier], flat=False)
    assert sorted(p.name for p in (written.path / "openings").iterdir()) == indices
    assert (written.openings, written.missing) == (len(indices), 0)


def test_an_export_for_a_stranger_is_refused(federation: Federation) -> None:
    city = federation[CITY]
    with city.store.read() as session, pytest.raises(RefusedError) as refused:
        closed_openings(session, city.trust(), MemberId("999999"))
    assert refused.value.code == "peer.unknown"


# ---------------------------------------------------------------- relief is never narrowed


def test_relief_and_annotations_reach_all_whatever_members_they_name(
    federation: Federation,
) -> None:
    """宜宾 has a copy of the record from its own court; a masking and a repair of it act there."""
    city, other = federation[CITY], federation[OTHER]
    content = listing(3, audience=narrow(city))
    listed = city.list_(content)
    copied = other.list_(replace(content, audience=other.audience()))
    by_stream(federation)
    federation.connect(OTHER, HUB)
    relief = relief_payload(content, content.audience)
    city.say(city.draft(Kind.REPAIR, relief, about=listed))
    federation.settle()
    assert [opened(federation[member]) for member in (NAMED, OTHER, HUB)] == [
        [0, 1, 2, 3],
        [0, 3],
        [0, 3],
    ]
    assert other.state(copied) == State.REPAIRED


def test_what_limits_a_narrowed_listing_is_said_to_all(federation: Federation) -> None:
    city = federation[CITY]
    listed = city.list_(listing(3, audience=narrow(city)))
    noted = city.registry.annotate(
        city.tokens(16).hex(),
        statement_id=listed,
        action=AnnotationAction.OBJECTION_OPENED,
        document="川异〔2026〕1号",
        decided_on=Date(20261101),
        text="异议",
    )
    city.run(noted.unit)
    city.relieve(Kind.REPAIR, listed)
    assert [audience_at(city, index).members for index in (2, 3, 4)] == [(NAME,), (), ()]


# ---------------------------------------------------------------- what the registry sets


def audience_at(node: SimNode, index: int) -> Audience:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        (row,) = session.rows_at([(head.log, index)])
        assert row.audience is not None
        return session.audience(row.audience)


def publish(
    node: SimNode, kind: Kind, payload: Payload, about: bytes = b"", action: int = 0
) -> None:
    drafts = [(int(kind), action, about, payload)]
    node.run(node.registry.publish(node.tokens(16).hex(), drafts, "").unit)


def test_an_audience_left_out_is_all_alliances_and_no_members(federation: Federation) -> None:
    city = federation[CITY]
    nobody = Audience(charters=(), purposes=())
    publish(city, Kind.LISTING, listing(3, audience=nobody))
    publish(city, Kind.LISTING, listing(4, audience=replace(nobody, members=(NAME,))))
    publish(city, Kind.LISTING, listing(5, audience=narrow(city, "a.example", NAME)))
    found = [audience_at(city, index) for index in (2, 3, 4)]
    assert found == [city.audience(), narrow(city), narrow(city, "a.example", NAME)]


def test_a_correction_without_audience_goes_to_those_who_have_the_listing(
    federation: Federation,
) -> None:
    city = federation[CITY]
    nobody = Audience(charters=(), purposes=())
    listed = city.list_(listing(3, audience=narrow(city)))
    mended = replace(listing(3, audience=nobody), reason="更正（演示）")
    correction = Correction(audience=nobody, replaces=leaf_hash_of(city, listed), payload=mended)
    publish(city, Kind.CORRECTION, correction, listed)
    assert audience_at(city, 3) == narrow(city)
    wider = replace(correction, audience=city.audience())
    publish(city, Kind.CORRECTION, wider, listed)
    assert audience_at(city, 4) == city.audience()
    by_stream(federation)
    assert opened(federation[OTHER]) == [0, 4]


def test_a_name_that_the_charters_do_not_know_is_nobodys(federation: Federation) -> None:
    city = federation[CITY]
    city.list_(listing(3, audience=narrow(city, "a.example")))
    by_stream(federation)
    assert [opened(federation[member]) for member in (NAMED, OTHER, HUB)] == [[0, 1], [0], [0]]


# ---------------------------------------------------------------- the kinds

NARROW = sorted(set(Kind) - OPEN_KINDS - RELIEVING_KINDS)


def example(kind: Kind, audience: Audience) -> Payload:
    """What a statement of this kind may say, to this audience."""
    said: Any = EXAMPLES[kind]
    payload: Payload = replace(said, audience=audience)
    return payload


@pytest.mark.parametrize("kind", NARROW, ids=lambda kind: kind.name)
def test_every_closed_kind_but_relief_is_for_the_member_named_alone(
    federation: Federation, kind: Kind
) -> None:
    city = federation[CITY]
    about = bytes(range(16)) if kind in (Kind.CORRECTION, Kind.RELISTING) else None
    payload = example(kind, narrow(city))
    city.say(city.draft(kind, payload, action=min(ACTIONS[kind]), about=about))
    by_stream(federation)
    assert [opened(federation[member]) for member in (NAMED, OTHER, HUB)] == [[0, 1, 2], [0], [0]]


@pytest.mark.parametrize("kind", [Kind.OUTCOME, Kind.REQUEST], ids=lambda kind: kind.name)
def test_what_concerns_one_member_names_it_and_needs_to_say_no_more(
    federation: Federation, kind: Kind
) -> None:
    """A department names the member; the node sets alliances and purposes."""
    city = federation[CITY]
    nobody = Audience(charters=(), purposes=())
    action = min(ACTIONS[kind])
    with pytest.raises(RefusedError) as refused:
        publish(city, kind, example(kind, nobody), action=action)
    assert refused.value.code == "payload.members"
    members = replace(nobody, members=(NAME,))
    publish(city, kind, example(kind, members), action=action)
    assert audience_at(city, 2) == narrow(city)
    by_stream(federation)
    assert [opened(federation[member]) for member in (NAMED, OTHER, HUB)] == [[0, 1, 2], [0], [0]]
