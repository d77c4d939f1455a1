"""Checkpoints of several peers, taken together: their cosignatures are kept in one transaction.

Covers node/peers/cosigned_lines.py.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crypto.notes import Note, SignatureLine, parse_note
from federation.errors import ReplicationError
from federation.peers.frames import Frame, HeadFrame
from federation.statements import Kind
from node.peers.session import HEAD_INTERVAL_SECONDS, Session
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
CITY, PEERS = "510500", ("510300", "511500", "510000")
LOG = build.origin_of(CITY)


@pytest.fixture
def federation(federate: Federate) -> Federation:
    """All follow 泸州, which has said one thing since they held everything."""
    federation = federate()
    for peer in PEERS:
        federation.connect(CITY, peer)
    federation.settle()
    city = federation[CITY]
    city.list_(listing(1, audience=city.audience()))
    return federation


def answers(federation: Federation) -> list[tuple[Session, HeadFrame]]:
    """The heads that the peers send back, each having taken what 泸州 said."""
    found: list[tuple[Session, HeadFrame]] = []
    city = federation[CITY]
    for wire in federation.wires:
        here = wire.ends.index(city)
        peer, session = wire.ends[1 - here], wire.sessions[1 - here]
        for frame in city.exchange.plan(wire.sessions[here]):
            peer.exchange.handle(session, frame)
        (head,) = [one for one in peer.exchange.plan(session) if _is_of_city(one)]
        assert isinstance(head, HeadFrame)
        found.append((wire.sessions[here], head))
    return found


def _is_of_city(frame: Frame) -> bool:
    return isinstance(frame, HeadFrame) and frame.origin == LOG


def names(node: SimNode) -> set[str]:
    """Whose lines stand on the checkpoint of 泸州 that a node shows."""
    note = parse_note(node.exchange.served()[LOG].note)
    with node.store.read() as session:
        head = session.head(LOG)
        assert head is not None
        assert head.note == note.to_bytes()
    return {line.name for line in note.signatures}


def lines_of(peer: str) -> set[str]:
    return {f"{peer}.huxin.example/{use}" for use in ("witness", "mirror")}


def test_lines_of_several_peers_are_kept_in_one_transaction(federation: Federation) -> None:
    city = federation[CITY]
    heads = answers(federation)
    before = city.store.written
    assert city.exchange.take_head_frames(heads) == [None] * len(heads)
    assert city.store.written == before + 1
    assert names(city) >= lines_of(PEERS[0]) | lines_of(PEERS[1]) | lines_of(PEERS[2])
    again = city.exchange.take_head_frames(heads)
    assert (again, city.store.written) == ([None] * len(heads), before + 1)


def test_the_first_independent_word_among_them_is_kept(federation: Federation) -> None:
    city = federation[CITY]
    heads = answers(federation)
    city.exchange.take_head_frames(heads)
    with city.store.read() as session:
        head = session.head(LOG)
        assert head is not None
        first = session.first_note(head.log, 0)
    assert first is None  # a listing has no term
    listed = city.list_(listing(2, audience=city.audience()))
    city.relieve(Kind.REPAIR, listed)
    heads = answers(federation)
    before = city.store.written
    assert city.exchange.take_head_frames(heads) == [None] * len(heads)
    assert city.store.written == before + 1  # with the lines
    with city.store.read() as session:
        first = session.first_note(head.log, 2)
    assert first is not None
    assert first.size == 3
    assert {line.name for line in parse_note(first.note).signatures} >= lines_of(PEERS[0])


def test_a_false_head_among_them_harms_its_own_stream_alone(federation: Federation) -> None:
    city = federation[CITY]
    heads = answers(federation)
    note = parse_note(heads[1][1].checkpoint)
    forged = Note(
        text=note.text,
        signatures=tuple(
            SignatureLine(name=s.name, key_id=s.key_id, signature=bytes(len(s.signature)))
            if s.name in lines_of(PEERS[1])
            else s
            for s in note.signatures
        ),
    )
    heads[1] = (heads[1][0], HeadFrame(origin=LOG, checkpoint=forged.to_bytes()))
    failed = city.exchange.take_head_frames(heads)
    assert [type(error) for error in failed] == [type(None), ReplicationError, type(None)]
    assert names(city) >= lines_of(PEERS[0]) | lines_of(PEERS[2])
    assert not names(city) & lines_of(PEERS[1])
    assert city.exchange.blamed() == {(PEERS[1], "batch.checkpoint"): 1}


def test_a_peer_that_told_of_the_size_is_sent_cosignatures_later(federation: Federation) -> None:
    """Its own head says that it has the leaves that came from us."""
    city = federation[CITY]
    heads = answers(federation)
    city.exchange.take_head_frames(heads[1:])
    (told, untold) = heads[1][0], heads[0][0]
    assert city.exchange.plan(told) == []
    assert city.exchange.is_quiet(told)
    assert [type(frame) for frame in city.exchange.plan(untold)] == [HeadFrame]
    federation.clock.advance(HEAD_INTERVAL_SECONDS)
    (head,) = city.exchange.plan(told)
    assert isinstance(head, HeadFrame)
    assert {line.name for line in parse_note(head.checkpoint).signatures} >= lines_of(PEERS[2])
    assert city.exchange.plan(told) == []


def test_lines_wake_nobody(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    city = federation[CITY]
    heads = answers(federation)
    rung: list[int] = []
    monkeypatch.setattr(city.exchange._mirrors, "_changed", lambda: rung.append(1))
    city.exchange.take_head_frames(heads)
    assert rung == []
    assert not city.exchange.is_quiet(heads[0][0])
