"""Whole federations: what one node says, all hold, prove and judge alike.

Covers node/log/cosigning.py, node/log/ledger.py, node/peers/blame.py, node/peers/exchange.py,
node/peers/incoming.py, node/peers/mirrors.py, node/peers/offers.py, node/peers/plan.py,
node/peers/serving.py, node/peers/session.py, node/peers/streams.py, node/peers/subscriptions.py,
node/peers/witnessing.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.cosignature import verify_cosignatures
from crypto.fork import parse_fork, verify_fork
from crypto.notes import parse_note
from federation.charters.chain import advance
from federation.errors import ReplicationError
from federation.ids import Date
from federation.payloads import Annotation, Benefit, Scenario, SubjectKind
from federation.peers import witness
from federation.peers.frames import HeadFrame
from federation.peers.openings import DeliveredOpening
from federation.peers.replication import DeliveredBatch
from federation.rows import OpeningStatus, State
from federation.statements import (
    FLAG_SUSPEND_IF_UNKNOWN,
    AnnotationAction,
    Kind,
    ScenarioAction,
)
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode, Wire, leaf_hash_of, listing

Federate = Callable[..., Federation]
HUB = "510000"


def through_the_hub(federation: Federation) -> None:
    """Connect every city to the hub and to nobody else."""
    for member in federation.nodes:
        if member != HUB:
            federation.connect(member, HUB)


def batches_to(wire: Wire, node: SimNode) -> list[DeliveredBatch]:
    """Batches on the way to a node."""
    side = wire.ends.index(node)
    return [frame for frame in wire.queues[side] if isinstance(frame, DeliveredBatch)]


def fill(wire: Wire) -> None:
    """Let both ends send what they have, without anything arriving."""
    for side in (0, 1):
        wire.queues[1 - side].extend(wire.ends[side].exchange.plan(wire.sessions[side]))


def test_listings_reach_everyone_through_the_hub(federate: Federate) -> None:
    federation = federate()
    through_the_hub(federation)
    for node in federation.nodes.values():
        node.say(
            *(node.draft(Kind.LISTING, listing(n, audience=node.audience())) for n in range(1, 30))
        )
    federation.settle()
    federation.assert_equal()
    assert len(federation["510300"].states()) == 4 * 29


def test_every_statement_gets_an_independent_time(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city = federation["510300"]
    city.list_(listing(1, audience=city.audience()))
    federation.settle()
    federation.clock.advance(10)
    federation.settle()
    note = parse_note(city.exchange.served()[city.origin].note)
    independent = city.view.trust.independent_keys(city.origin)
    names = {c.key.name for c in verify_cosignatures(note, independent)}
    assert names == {
        f"{member}.huxin.example/{use}"
        for member in (HUB, "510500")
        for use in ("witness", "mirror")
    }


def test_a_repair_ends_the_listing_everywhere(federate: Federate) -> None:
    federation = federate()
    through_the_hub(federation)
    city = federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    assert {node.state(listed) for node in federation.nodes.values()} == {State.ACTIVE}
    city.relieve(Kind.REPAIR, listed)
    federation.settle()
    assert {node.state(listed) for node in federation.nodes.values()} == {State.REPAIRED}


def test_relief_ends_the_copy_that_another_log_brought(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    first, second = federation["510300"], federation["510500"]
    one = first.list_(listing(1, audience=first.audience()))
    other = second.list_(listing(1, audience=second.audience()))
    federation.settle()
    first.relieve(Kind.REPAIR, one)
    federation.settle()
    for node in federation.nodes.values():
        assert (node.state(one), node.state(other)) == (State.REPAIRED, State.REPAIRED)
    late = second.list_(listing(1, audience=second.audience()))
    federation.settle()
    assert {node.state(late) for node in federation.nodes.values()} == {State.REPAIRED}


def test_relief_needs_only_the_leaf(federate: Federate) -> None:
    """A repair whose opening does not come ends the listing all the same."""
    federation = federate("510300", "510500")
    wire = federation.connect("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    federation.settle()
    city.relieve(Kind.REPAIR, listed)
    fill(wire)
    (batch,) = batches_to(wire, peer)
    side = wire.ends.index(peer)
    sealed = replace(batch, openings=(DeliveredOpening(OpeningStatus.PENDING),))
    wire.queues[side].clear()
    peer.exchange.handle(wire.sessions[side], sealed)
    assert peer.state(listed) == State.REPAIRED


def test_a_long_history_is_caught_up_in_batches(federate: Federate) -> None:
    federation = federate("510300", "510500")
    city = federation["510300"]
    city.say(
        *(city.draft(Kind.LISTING, listing(n, audience=city.audience())) for n in range(1, 2500))
    )
    wire = federation.connect("510300", "510500")
    sizes = set()
    while federation.step():
        sizes.add(federation["510500"].sizes().get(city.origin, 0))
    assert sizes == {0, 1024, 2048, 2499}
    assert not wire.errors
    assert federation["510500"].states() == city.states()


def test_a_restart_is_a_resume(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city = federation["510300"]
    for number in range(1, 20):
        city.list_(listing(number, audience=city.audience()))
        federation.step()
        if number % 5 == 0:
            federation["510500"].restart()
            federation.reconnect("510500")
            city.restart()
            federation.reconnect("510300")
    federation.settle()
    federation.assert_equal()


def test_an_opening_that_does_not_open_is_blamed_and_asked_elsewhere(federate: Federate) -> None:
    federation = federate("510300", "510500")
    wire = federation.connect("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    fill(wire)
    (batch,) = batches_to(wire, peer)
    side = wire.ends.index(peer)
    wire.queues[side].clear()
    good = batch.openings[0]
    forged = good._replace(payload=good.payload + b"\x00")
    peer.exchange.handle(wire.sessions[side], replace(batch, openings=(forged,)))
    assert peer.exchange.blamed() == {("510300", "opening.mismatch"): 1}
    assert peer.exchange.missing_openings(10) == {city.origin: [0]}
    assert peer.view.trust.segment_at(city.origin, 0)
    assert peer.exchange.take_openings(city.origin, [(0, forged)], HUB) == 0  # type: ignore[arg-type]
    assert peer.exchange.take_openings(city.origin, [(0, good)], HUB) == 1  # type: ignore[arg-type]
    assert peer.exchange.missing_openings(10) == {}
    with peer.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    assert (row.opening, row.state, row.rule) == (OpeningStatus.PRESENT, State.ACTIVE, "")


def test_an_opening_that_came_late_is_passed_on(federate: Federate) -> None:
    federation = federate("510300", "510500")
    first = federation.connect("510300", HUB)
    federation.connect("510500", HUB)
    city, hub, peer = federation["510300"], federation[HUB], federation["510500"]
    city.list_(listing(1, audience=city.audience()))
    fill(first)
    (batch,) = batches_to(first, hub)
    side = first.ends.index(hub)
    first.queues[side].clear()
    withheld = replace(batch, openings=(DeliveredOpening(OpeningStatus.PENDING),))
    hub.exchange.handle(first.sessions[side], withheld)
    federation.settle()
    assert peer.exchange.missing_openings(10) == {city.origin: [0]}
    assert hub.exchange.take_openings(city.origin, [(0, batch.openings[0])], city.member) == 1
    federation.settle()
    assert peer.exchange.missing_openings(10) == {}


def test_a_new_cut_sets_aside_what_lies_beyond_it(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city, peer = federation["510300"], federation["510500"]
    ids = [city.list_(listing(n, audience=city.audience())) for n in range(1, 4)]
    federation.settle()
    (chain,) = peer.chains
    head_at_two = city.root_at(2)
    members = [
        replace(
            member,
            segments=(
                replace(
                    member.segments[0],
                    cut=build.make_cut("510300", 2, root=head_at_two),
                ),
            ),
        )
        if member.id == "510300"
        else member
        for member in chain.latest.terms.members
    ]
    terms = build.next_version(chain.latest, members=tuple(members))
    peer.chains = (advance(chain, build.sign_all(terms)),)
    peer.refresh_charters()
    peer.exchange.charters_changed()
    assert [peer.state(listed) for listed in ids] == [
        State.ACTIVE,
        State.ACTIVE,
        State.SET_ASIDE,
    ]
    city.relieve(Kind.REPAIR, ids[0])
    federation.settle()
    with peer.store.read() as session:
        (row,) = session.rows_by_id(None, [ids[0]])
    assert row.rule == "suspended.relief-beyond-cut"


def tampered(batch: DeliveredBatch, how: str) -> DeliveredBatch:
    """One lie in a batch."""
    leaf = bytearray(batch.leaves[0])
    leaf[60] ^= 1
    changes: dict[str, dict[str, object]] = {
        "leaf": {"leaves": (bytes(leaf), *batch.leaves[1:])},
        "order": {"leaves": tuple(reversed(batch.leaves))},
        "missing": {"leaves": batch.leaves[1:], "openings": batch.openings[1:]},
        "path": {"path": (*batch.path, bytes(32))},
        "gap": {"first_index": 1},
        "signature": {"checkpoint": batch.checkpoint.replace(b"\n4\n", b"\n5\n")},
        "openings": {"openings": batch.openings[1:]},
    }
    return replace(batch, **changes[how])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("leaf", "batch.unproved"),
        ("order", "batch.unproved"),
        ("missing", "batch.unproved"),
        ("path", "batch.unproved"),
        ("gap", "batch.gap"),
        ("signature", "batch.checkpoint"),
        ("openings", "batch.bounds"),
    ],
)
def test_a_false_batch_leaves_nothing(federate: Federate, how: str, code: str) -> None:
    federation = federate("510300", "510500")
    wire = federation.connect("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    city.say(*(city.draft(Kind.LISTING, listing(n, audience=city.audience())) for n in range(1, 5)))
    fill(wire)
    (batch,) = batches_to(wire, peer)
    side = wire.ends.index(peer)
    wire.queues[side].clear()
    with pytest.raises(ReplicationError) as caught:
        peer.exchange.handle(wire.sessions[side], tampered(batch, how))
    assert caught.value.code == code
    assert peer.exchange.blamed() == {("510300", code): 1}
    assert city.origin not in peer.sizes()
    peer.exchange.handle(wire.sessions[side], batch)
    peer.exchange.handle(wire.sessions[side], batch)
    assert peer.sizes()[city.origin] == 4


def test_unknown_kinds_are_mirrored_and_set_aside(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city = federation["510300"]
    listed = city.list_(listing(1, audience=city.audience()))
    known = city.draft(Kind.LISTING, listing(2, audience=city.audience()))
    city.say(known._replace(kind=99))
    federation.settle()
    peer = federation["510500"]
    assert peer.sizes()[city.origin] == 2
    assert (peer.state(known.statement_id), peer.state(listed)) == (State.SET_ASIDE, State.ACTIVE)
    warning = city.draft(Kind.LISTING, listing(3, audience=city.audience()), about=listed)._replace(
        kind=98,
        flags=FLAG_SUSPEND_IF_UNKNOWN,
    )
    city.say(warning)
    federation.settle()
    with peer.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    assert row.rule == "suspended.unknown-statement"


def test_what_the_charter_does_not_allow_is_set_aside(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city = federation["510300"]
    wrong_list = city.list_(listing(1, audience=city.audience(), list_type="major-tax-violation"))
    wrong_authority = city.list_(listing(2, audience=city.audience(), authority="9999"))
    federation.settle()
    with federation["510500"].store.read() as session:
        rules = {
            row.statement_id: row.rule
            for row in session.rows_by_id(None, [wrong_list, wrong_authority])
        }
    assert rules == {
        wrong_list: "entitlement.list-type",
        wrong_authority: "entitlement.authority",
    }


def test_a_repeated_statement_id_is_set_aside(federate: Federate) -> None:
    federation = federate("510300")
    through_the_hub(federation)
    city = federation["510300"]
    listed = city.list_(listing(1, audience=city.audience()))
    city.say(city.draft(Kind.LISTING, listing(2, audience=city.audience()), statement_id=listed))
    federation.settle()
    states = federation[HUB].states()
    assert states == {(city.origin, 0): State.ACTIVE, (city.origin, 1): State.SET_ASIDE}


def test_a_reader_without_the_right_gets_no_opening(federate: Federate) -> None:
    federation = federate("510300", "510500", receives=())
    wire = federation.connect("510300", "510500")
    city, peer = federation["510300"], federation["510500"]
    listed = city.list_(listing(1, audience=city.audience()))
    scenario = Scenario(
        scenario_type="信易租",
        title="免押金租车（演示）",
        provider=build.COURT,
        provider_name="虚构单位（演示）",
        benefits=(Benefit(text="免押金"),),
        conditions_text="",
        subject_kinds=(SubjectKind.ENTERPRISE,),
        valid_from=Date(20261101),
        valid_until=Date(20271101),
        charters=city.audience().charters,
    )
    opened = city.say(city.draft(Kind.SCENARIO, scenario, action=ScenarioAction.OPENED))
    federation.settle()
    assert not wire.errors
    with peer.store.read() as session:
        (closed,) = session.rows_by_id(None, [listed])
        (open_,) = session.rows_by_id(None, [opened[0].statement_id])
    assert (closed.opening, closed.rule) == (OpeningStatus.NOT_FOR_US, "opening.missing")
    assert open_.opening == OpeningStatus.PRESENT


def test_two_histories_are_proved_and_told_to_all(federate: Federate) -> None:
    federation = federate("510300", "510500", "511500")
    wires = [federation.connect("510500", HUB), federation.connect("511500", HUB)]
    liar = federation["510300"]
    liar.list_(listing(1, audience=liar.audience()))
    twin_note = liar.exchange.served()[liar.origin].note
    wire = federation.connect("510300", HUB)
    federation.settle()
    other = build.make_cut("510300", 1).note
    side = wire.ends.index(federation[HUB])
    federation[HUB].exchange.handle(
        wire.sessions[side], HeadFrame(origin=liar.origin, checkpoint=other)
    )
    federation.settle()
    assert not wires[0].errors
    for member in (HUB, "510500", "511500"):
        node = federation[member]
        assert node.exchange.forked() == {liar.origin}
        with node.store.read() as session:
            ((origin, file),) = session.forks()
        assert origin == liar.origin
        verify_fork(parse_fork(file), build.log_signer("510300").verifier)
    assert twin_note


def test_the_witness_follows_the_specification(federate: Federate) -> None:
    federation = federate("510300", "510500")
    city, peer = federation["510300"], federation["510500"]

    def ask(old: int, note: bytes, *proof: bytes) -> bytes:
        request = witness.AddCheckpoint(old_size=old, proof=proof, checkpoint=note)
        return peer.exchange.add_checkpoint(witness.format_request(request))

    def refused(old: int, note: bytes, *proof: bytes) -> tuple[int, int]:
        with pytest.raises(witness.WitnessError) as caught:
            ask(old, note, *proof)
        return caught.value.status, caught.value.size

    empty = city.exchange.served()[city.origin].note
    city.list_(listing(1, audience=city.audience()))
    one = city.exchange.served()[city.origin].note
    city.list_(listing(2, audience=city.audience()))
    two = city.exchange.served()[city.origin].note
    assert refused(0, one.replace(b"510300", b"999999")) == (404, 0)
    assert refused(0, one.replace(b"\n1\n", b"\n2\n")) == (403, 0)
    assert refused(2, one) == (400, 0)
    assert refused(1, two) == (409, 0)
    assert refused(0, one, bytes(32)) == (422, 0)
    assert b"510500.huxin.example/witness" in ask(0, one)
    assert refused(0, one) == (409, 1)
    assert refused(1, two, bytes(32)) == (422, 0)
    proof = leaf_hash_of(city, _ids(city)[1])
    assert b"510500.huxin.example/witness" in ask(1, two, proof)
    assert refused(1, two, proof) == (409, 2)
    assert refused(2, empty) == (400, 0)
    peer.restart()
    assert refused(1, two, proof) == (409, 2)
    assert refused(2, build.make_cut("510300", 2).note) == (422, 0)


def _ids(node: SimNode) -> list[bytes]:
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        return [row.statement_id for row in session.rows_between(head.log, 0, head.size)]


def test_an_annotation_travels_with_the_record(federate: Federate) -> None:
    federation = federate("510300", "510500")
    through_the_hub(federation)
    city, peer = federation["510300"], federation["510500"]
    content = listing(1, audience=city.audience())
    listed = city.list_(content)
    begun = city.say(
        city.draft(
            Kind.ANNOTATION,
            Annotation(
                audience=city.audience(),
                record=content.key,
                authority=build.COURT,
                document="（2026）川03破1号",
                decided_on=Date(20261101),
            ),
            action=AnnotationAction.MASKING_BEGUN,
            about=listed,
        )
    )
    federation.settle()
    assert peer.state(listed) == State.MASKED
    submission = city.registry.annotate(
        city.tokens(16).hex(),
        statement_id=listed,
        action=AnnotationAction.MASKING_ENDED,
        document="（2026）川03破1号之二",
        decided_on=Date(20261120),
    )
    city.run(submission.unit)
    federation.settle()
    assert peer.state(listed) == State.ACTIVE
    assert begun
