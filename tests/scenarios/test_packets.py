"""Two nodes without any connection: what a stream would bring comes by packets, both ways.

Covers node/cli/packet.py, node/codec/packets.py, node/peers/packets.py, node/services/packets.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.checkpoint import Checkpoint, sign_checkpoint
from crypto.cosignature import cosign
from crypto.hpke import sealing_key_id, sealing_public
from crypto.notes import Note
from federation.charters.values import SealingKey
from federation.errors import RefusedError
from federation.ids import CharterId
from federation.payloads import Audience
from federation.peers.frames import Frame, HeadFrame
from federation.peers.packets import parse_header
from federation.peers.replication import DeliveredBatch
from federation.peers.sealing import KeyCopy
from federation.rows import State
from federation.statements import Kind
from node.cli.packet import place as place_of
from node.codec.packets import packet_from_bytes, packet_to_bytes
from node.peers.packet_state import PacketState
from node.peers.packets import Packets
from node.peers.session import Session
from tests.support import charters as build
from tests.support.attesting import carried_by
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
ONE, OTHER = "510300", "510500"


def packets_of(node: SimNode, *sealing: bytes) -> Packets:
    """With these sealing secrets, or the one that the charter names."""
    return Packets(
        own=node.origin,
        store=node.store,
        exchange=node.exchange,
        trust=node.trust,
        envelopes=node.envelopes,
        state=PacketState(Path(node.directory) / "state" / "packets.json"),
        attestations=carried_by(node),
        head_signer=build.cosigner(node.member, "head"),
        sealing=sealing or (build.sealing_secret(node.member),),
        on_writer=lambda job: job(),
        now=node.clock.now,
        token=node.tokens,
    )


def carry(federation: Federation, sender: str, receiver: str) -> int:
    """Export and import everything; the new leaves."""
    federation.clock.advance(1)
    parts = list(packets_of(federation[sender]).export(federation[receiver].member, {}))
    take = packets_of(federation[receiver]).take
    return sum(take(part.data)["new_leaves"] for part in parts)


def packet(federation: Federation, sender: str, receiver: str) -> bytes:
    federation.clock.advance(1)
    (part,) = packets_of(federation[sender]).export(federation[receiver].member, {})
    return part.data


def refused(node: SimNode, data: bytes, *sealing: bytes) -> str:
    """The code of a refusal; nothing was stored."""
    before = node.sizes()
    with pytest.raises(RefusedError) as caught:
        packets_of(node, *sealing).take(data)
    assert node.sizes() == before
    return caught.value.code


def test_a_folder_of_packets_is_taken_in_the_order_in_which_they_were_made(
    federate: Federate, tmp_path: Path
) -> None:
    federation = federate(ONE, OTHER)
    made = []
    for number, name in enumerate(("c", "a", "b")):  # their names are random
        federation[ONE].list_(listing(number, audience=federation[ONE].audience()))
        made.append(tmp_path / name)
        made[-1].write_bytes(packet(federation, ONE, OTHER))
    assert sorted(sorted(made), key=place_of) == made


def test_lists_and_relief_go_both_ways_without_a_connection(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    ids = {n: n.list_(listing(1, audience=n.audience())) for n in (one, other)}
    assert carry(federation, ONE, OTHER) == 1
    assert carry(federation, OTHER, ONE) == 1
    assert other.state(ids[one]) == State.ACTIVE
    one.relieve(Kind.REPAIR, ids[one])
    assert carry(federation, ONE, OTHER) == 1
    assert other.state(ids[one]) == State.REPAIRED
    assert one.states() == other.states()


def test_a_packet_begins_where_the_receipt_ends_and_again_changes_nothing(
    federate: Federate,
) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    carry(federation, ONE, OTHER)
    carry(federation, OTHER, ONE)
    one.list_(listing(2, audience=one.audience()))
    federation.clock.advance(1)
    (part,) = packets_of(one).export(other.member, {})
    assert [(s.origin, s.start, s.end) for s in part.header.spans] == [(one.origin, 1, 2)]
    taken = [packets_of(other).take(part.data)["new_leaves"] for _ in range(2)]
    assert taken == [1, 0]


def test_a_receipt_of_more_logs_than_fit_into_one_frame_is_taken_whole(
    federate: Federate, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = "511500"
    federation = federate(ONE, OTHER, third)
    for member in (ONE, third):
        federation[member].list_(listing(1, audience=federation[member].audience()))
        carry(federation, member, OTHER)
    monkeypatch.setattr("federation.peers.frames.MAX_CURSORS", 1)
    carry(federation, OTHER, ONE)
    state = PacketState(Path(federation[ONE].directory) / "state" / "packets.json")
    taken = state.taken(federation[OTHER].origin)
    assert taken is not None
    assert taken.holds == {federation[member].origin: 1 for member in (ONE, third)}


def test_a_fork_proof_comes_by_packet(federate: Federate) -> None:
    federation = federate(ONE, OTHER, "511500")
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    carry(federation, ONE, OTHER)
    carry(federation, ONE, "511500")
    federation["511500"].exchange.handle(
        federation["511500"].exchange.open_session(other.member),
        _head_of_another_history(one),
    )
    assert federation["511500"].exchange.forked() == {one.origin}
    carry(federation, "511500", OTHER)
    assert other.exchange.forked() == {one.origin}


def _head_of_another_history(node: SimNode) -> HeadFrame:
    checkpoint = Checkpoint(origin=node.origin, size=1, root=bytes(32))
    note = sign_checkpoint(checkpoint, build.log_signer(node.member))
    return HeadFrame(origin=node.origin, checkpoint=note.to_bytes())


def test_openings_stay_with_those_who_may_have_them(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    usual = one.audience()
    elsewhere = Audience(charters=(CharterId(bytes(32)),), purposes=usual.purposes)
    one.list_(listing(1, audience=elsewhere))
    data = packet(federation, ONE, OTHER)
    assert listing(1, audience=usual).subject.name.encode() not in data
    packets_of(other).take(data)
    with other.store.read() as session:
        head = session.head(one.origin)
        assert head is not None
        assert session.openings(head.log, [0]) == []


def test_every_part_of_a_packet_is_held_to(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    data = packet(federation, ONE, OTHER)
    begin = data.index(b"\n\n\xe2\x80\x94")
    assert refused(other, b"") == "packet.malformed"
    assert refused(other, data[:-1]) == "packet.truncated"
    assert refused(other, data + b"\0") == "packet.truncated"
    assert refused(other, data[:-1] + bytes([data[-1] ^ 1])) == "packet.altered"
    assert refused(other, data.replace(b"leaves 1\n", b"leaves 2\n")) == "packet.malformed"
    assert refused(other, data.replace(b"part 1 last", b"part 1 more")) == "packet.signature"
    assert refused(federation["510000"], data) == "packet.other-receiver"
    for place in range(0, begin + 200, 7):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert refused(other, changed).startswith("packet."), place
    assert packets_of(other).take(data)["new_leaves"] == 1


def _headed(federation: Federation, signer: str, data: bytes, **changes: Any) -> bytes:
    """The packet under another header, which a member has signed."""
    note, body = packet_from_bytes(data)
    text = replace(parse_header(note.text), **changes).to_text()
    line = cosign(text, build.cosigner(signer, "head"), federation.clock.now())
    return packet_to_bytes(Note(text=text, signatures=(line,)), body)


def test_a_sender_cannot_seal_for_another_place_than_it_signs(federate: Federate) -> None:
    federation = federate(ONE, OTHER, "511500")
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    data = packet(federation, ONE, OTHER)
    (alliance,) = other.chains
    for changes, code in (
        ({"suite": 2}, "packet.suite"),
        ({"key": bytes(16)}, "packet.key"),
        ({"key": sealing_key_id(2, build.sealing_key(OTHER).key)}, "packet.key"),
        ({"part": 2}, "packet.sealed"),
        ({"packet": bytes(16)}, "packet.sealed"),
        ({"charter": CharterId(bytes(32))}, "packet.sender"),
        ({"sender": build.origin_of("511500")}, "packet.signature"),
    ):
        assert refused(other, _headed(federation, ONE, data, **changes)) == code, changes
    stolen = _headed(federation, "511500", data, sender=build.origin_of("511500"))
    assert refused(other, stolen) == "packet.sealed"
    header = parse_header(packet_from_bytes(data)[0].text)
    assert header.charter == alliance.id
    assert (header.suite, header.key) == (1, build.sealing_key(OTHER).id)
    assert packets_of(other).take(_headed(federation, ONE, data))["new_leaves"] == 1


@pytest.mark.parametrize(
    "change",
    [
        ("suite 1", "suite 0"),
        ("suite 1", "suite 256"),
        ("suite 1", "suite 01"),
        ("part 1 ", "part 0 "),
        ("part 1 ", "part 4294967296 "),
        ("\nkey ", "\nkey 00"),
        ("\ncharter ", "\ncharter  "),
        ("\nsuite 1\nkey ", "\nkey "),
    ],
)
def test_a_header_of_another_form_is_no_packet(federate: Federate, change: tuple[str, str]) -> None:
    federation = federate(ONE, OTHER)
    note, body = packet_from_bytes(packet(federation, ONE, OTHER))
    text = note.text.replace(*change)
    assert text != note.text
    line = cosign(text, build.cosigner(ONE, "head"), federation.clock.now())
    data = packet_to_bytes(Note(text=text, signatures=(line,)), body)
    assert refused(federation[OTHER], data) == "packet.malformed"


def test_old_and_new_sealing_keys_overlap(federate: Federate) -> None:
    """A packet under way opens after its receiver has a new key, until the old one is taken out."""
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    old, new = build.sealing_secret(OTHER), bytes([9]) * 32
    under_way = packet(federation, ONE, OTHER)
    keys = (SealingKey(suite=1, key=sealing_public(new)), build.sealing_key(OTHER))
    renewed = [
        replace(member, sealing_keys=keys) if member.id == OTHER else member
        for member in one.chains[0].latest.terms.members
    ]
    for node in (one, other):
        node.chains = (build.make_chain(renewed),)
        node.refresh_charters()
    later = packet(federation, ONE, OTHER)
    assert parse_header(packet_from_bytes(later)[0].text).key == keys[0].id
    assert refused(other, later, old) == "packet.key"
    assert packets_of(other, new, old).take(later)["new_leaves"] == 1
    again = _headed(federation, ONE, under_way, charter=other.chains[0].id)
    assert refused(other, again, new) == "packet.key"


def test_a_member_with_keys_of_unknown_suites_alone_gets_no_packet(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one = federation[ONE]
    unknown = (SealingKey(suite=2, key=bytes(1216)),)
    members = [
        replace(member, sealing_keys=unknown) if member.id == OTHER else member
        for member in one.chains[0].latest.terms.members
    ]
    one.chains = (build.make_chain(members),)
    one.refresh_charters()
    with pytest.raises(RefusedError, match="sealing key"):
        packets_of(one).export(federation[OTHER].member, {})


def test_a_copy_of_an_audience_key_is_left_out(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    copy = KeyCopy(
        origin=one.origin,
        key_id=bytes(16),
        charter=other.chains[0].id,
        suite=1,
        recipient_key_id=bytes(16),
        sealed=bytes(80),
    )
    before = other.sizes()
    other.exchange.handle(other.exchange.open_session(one.member), copy)
    assert other.sizes() == before
    assert other.exchange.blamed() == {}


def test_an_old_packet_and_one_too_early_are_refused(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    old = packet(federation, ONE, OTHER)
    federation.clock.advance(1)
    (early,) = packets_of(one).export(other.member, {one.origin: 0})
    packets_of(other).take(early.data)
    assert refused(other, old) == "packet.replayed"
    one.list_(listing(2, audience=one.audience()))
    one.list_(listing(3, audience=one.audience()))
    federation.clock.advance(1)
    (gap,) = packets_of(one).export(other.member, {one.origin: 2})
    assert refused(other, gap.data) == "packet.gap"


def test_a_packet_of_a_clock_ahead_keeps_no_later_one_away(federate: Federate) -> None:
    federation = federate("510300", "510500")
    sender, receiver = federation["510300"], federation["510500"]
    listed = sender.list_(listing(1, audience=sender.audience()))
    federation.clock.jump(70 * 365 * 86_400)
    ahead = packet(federation, "510300", "510500")
    federation.clock.jump(-70 * 365 * 86_400)
    assert packets_of(receiver).take(ahead)["new_leaves"] == 1
    sender.relieve(Kind.REPAIR, listed)
    federation.clock.advance(301)
    assert carry(federation, "510300", "510500") == 1
    assert receiver.state(listed) is State.REPAIRED


def test_what_a_member_signs_falsely_is_refused_as_on_a_stream(
    federate: Federate, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    plan = one.exchange.plan

    def false(session: Session) -> list[Frame]:
        return [
            replace(f, leaves=(bytes(76),)) if isinstance(f, DeliveredBatch) else f
            for f in plan(session)
        ]

    monkeypatch.setattr(one.exchange, "plan", false)
    assert refused(other, packet(federation, ONE, OTHER)) == "batch.unproved"
    assert other.exchange.blamed() == {(one.member, "batch.unproved"): 1}


def test_a_long_log_comes_in_parts_and_in_their_order_alone(
    federate: Federate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.peers.packets.PART_BYTES", 1)
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    monkeypatch.setattr("node.peers.serving.MAX_BATCH_LEAVES", 1)
    one.list_(listing(2, audience=one.audience()))
    parts = list(packets_of(one).export(other.member, {}))
    assert [part.header.last for part in parts] == [False] * (len(parts) - 1) + [True]
    with_leaves = [part for part in parts if part.header.leaves]
    assert len(with_leaves) == 2
    assert refused(other, with_leaves[1].data) == "packet.gap"
    assert sum(packets_of(other).take(part.data)["new_leaves"] for part in parts) == 2


def test_nothing_of_one_alliance_is_in_a_packet_for_a_member_of_another(
    tmp_path: Path,
) -> None:
    first = build.make_chain([build.make_member(name) for name in (ONE, OTHER, "511500")])
    second = build.make_chain(
        [build.make_member(name) for name in ("510100", "500152", OTHER)], name="成渝（演示）"
    )
    federation = Federation(tmp_path, (ONE, OTHER, "510100"), [first, second])
    for member, chains in ((ONE, (first,)), ("510100", (second,))):
        federation[member].chains = chains
        federation[member].refresh_charters()
    one, both, chengdu = federation[ONE], federation[OTHER], federation["510100"]
    one.list_(listing(1, audience=one.audience()))
    carry(federation, ONE, OTHER)
    for charter in (first, second):
        audience = Audience(charters=(charter.id,), purposes=both.audience().purposes)
        both.list_(listing(2, audience=audience))
    carry(federation, OTHER, "510100")
    carry(federation, OTHER, ONE)
    assert one.origin not in chengdu.sizes()
    for node, held in ((one, [0]), (chengdu, [1])):
        with node.store.read() as session:
            head = session.head(both.origin)
            assert head is not None
            assert head.size == 2
            assert [o.index for o in session.openings(head.log, [0, 1])] == held
    for node in federation.nodes.values():
        node.store.close()


def test_a_removed_member_is_no_sender(federate: Federate) -> None:
    federation = federate(ONE, OTHER)
    one, other = federation[ONE], federation[OTHER]
    one.list_(listing(1, audience=one.audience()))
    data = packet(federation, ONE, OTHER)
    left = [build.make_member(name) for name in (OTHER, "511500", "511000")]
    other.chains = (build.make_chain(left),)
    other.refresh_charters()
    assert refused(other, data) == "packet.sender"
    with pytest.raises(RefusedError, match="expected a member"):
        packets_of(other).export(one.member, {})
