"""Peers that ask for too much, refuse everything, delay or repeat: others are served as before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from huxin.v1 import exchange_pb2 as pb

from crypto.notes import parse_note
from federation.errors import RefusedError, ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.frames import (
    MAX_CURSORS,
    Cursor,
    ForkFrame,
    HeadFrame,
    Refusal,
    Subscribe,
)
from federation.peers.openings import PENDING
from federation.peers.replication import MAX_BATCH_BYTES, DeliveredBatch
from federation.ports.store import StoredOpening
from federation.rows import OpeningStatus, State
from federation.statements import Kind, Opening
from node.codec.frames import frame_from_request, frame_to_request
from node.peers.serving import ANSWER_BYTES
from tests.support import charters as build
from tests.support.liar import (
    HostileLog,
    Stream,
    invented,
    served_note,
    stored_leaves,
)
from tests.support.simulation import Federation, SimNode, listing

Federate = Callable[..., Federation]
HUB, HONEST = "510000", "511500"
HELD_IN_MEMORY = 8 * MAX_BATCH_BYTES


def cursors(*origins: str, size: int = 0) -> Subscribe:
    return Subscribe(cursors=tuple(Cursor(origin=Origin(o), size=size) for o in origins))


def batches(stream: Stream) -> list[DeliveredBatch]:
    return [frame for frame in stream.sent() if isinstance(frame, DeliveredBatch)]


# ---------------------------------------------------------------------------- answers


def test_many_forks_leave_room_for_the_heads(federate: Federate) -> None:
    """One answer takes so many fork files; a stream brings them one by one."""
    victim = federate("510500")["510500"]
    victim.list_(invented(victim))
    long = 130_000
    with victim.store.write() as session:
        for number in range(40):
            session.put_fork(Origin(f"{number}.example/1"), bytes(long))
    notes, forks = victim.exchange.heads_for(MemberId(HONEST))
    assert [note for note in notes if note == served_note(victim, "510500")]
    assert len(forks) == ANSWER_BYTES // long
    told = [frame for frame in Stream(victim, HONEST).sent() if isinstance(frame, ForkFrame)]
    assert len(told) == 40


# ---------------------------------------------------------------------------- asking


def test_logs_that_are_not_offered_are_refused_and_the_others_served(
    victim: SimNode, stream: Stream
) -> None:
    victim.list_(invented(victim))
    asked = cursors("519999.huxin.example/1", victim.origin, "not an origin", "\x00", "")
    assert stream.send(asked) == ""
    sent = stream.sent()
    refused = [(f.origin, f.reason) for f in sent if isinstance(f, Refusal)]
    assert refused == [
        (origin, "log.unknown")
        for origin in ("519999.huxin.example/1", "not an origin", "\x00", "")
    ]
    assert [f.origin for f in sent if isinstance(f, DeliveredBatch)] == [victim.origin]
    for ask in ("519999.huxin.example/1", ""):
        with pytest.raises(RefusedError) as caught:
            victim.exchange.openings_for(stream.peer, Origin(ask), [0])
        assert caught.value.code == "log.unknown"


def test_a_log_of_another_alliance_is_not_offered(federate: Federate) -> None:
    """A node of two alliances shows a member of one nothing of the other."""
    federation = federate("510500")
    victim = federation["510500"]
    other = build.make_chain(
        [build.make_member("510500"), build.make_member("512000")], name="另一联盟（演示）"
    )
    victim.chains = (*victim.chains, other)
    victim.refresh_charters()
    theirs = Stream(victim, "512000")
    secret = HostileLog("512000")
    secret.list_(invented(victim))
    assert theirs.send(secret.batch()) == ""
    liar = Stream(victim)
    assert liar.send(cursors(secret.origin)) == ""
    assert [(f.origin, f.reason) for f in liar.sent() if isinstance(f, Refusal)] == [
        (secret.origin, "log.unknown")
    ]
    assert secret.note() not in victim.exchange.heads_for(liar.peer)[0]
    assert all(
        secret.origin.encode() not in note for note in victim.exchange.heads_for(liar.peer)[0]
    )
    with pytest.raises(RefusedError):
        victim.exchange.openings_for(liar.peer, secret.origin, [0])


def test_refusals_nobody_reads_do_not_pile_up(victim: SimNode, stream: Stream) -> None:
    """A peer that asks for logs that do not exist, again and again, and takes no answer."""
    ended = ""
    for number in range(20):
        strange = cursors(*(f"{number}-{i}.example/1" for i in range(MAX_CURSORS)))
        ended = stream.send(strange)
        if ended:
            break
        assert len(stream.session.outbox) <= 4 * MAX_CURSORS
    assert ended == "frame.invalid"
    assert victim.exchange.blamed() == {("510300", "frame.invalid"): 1}
    # It dials again, behaves, and is served.
    victim.list_(invented(victim))
    assert stream.send(cursors(victim.origin)) == ""
    assert [batch.origin for batch in batches(stream)] == [victim.origin]


def test_late_openings_nobody_reads_do_not_pile_up(victim: SimNode, stream: Stream) -> None:
    """Openings that come late are passed on to who reads; the others ask for them themselves."""
    log, slow = HostileLog(), Stream(victim, HONEST)
    for number in range(400):
        log.list_(invented(victim, number))
    assert stream.send(replace(log.batch(), openings=(PENDING,) * 400)) == ""
    assert slow.send(cursors(log.origin, size=400)) == ""
    assert slow.sent()
    for index in range(400):
        assert victim.exchange.take_openings(
            log.origin, [(index, log.openings[index])], stream.peer
        )
    assert len(slow.session.outbox) <= 256
    indices = list(range(400))
    found = victim.exchange.openings_for(slow.peer, log.origin, indices)
    assert {opening.status for opening in found} == {OpeningStatus.PRESENT}


@pytest.mark.parametrize("count", [MAX_CURSORS + 1, 5000])
def test_more_cursors_than_allowed_are_no_frame(count: int) -> None:
    asked = frame_to_request(cursors(*(f"{i}.example/1" for i in range(count))))
    with pytest.raises(ReplicationError) as caught:
        frame_from_request(asked)
    assert caught.value.code == "frame.invalid"
    assert frame_from_request(frame_to_request(cursors(*["a.example/1"] * MAX_CURSORS)))


@pytest.mark.parametrize(
    ("origin", "size"), [("", 0), ("a" * 201, 0), ("a/1", 2**63), ("a/1", 2**64 - 1)]
)
def test_a_cursor_out_of_bounds_is_no_frame(origin: str, size: int) -> None:
    message = pb.FollowRequest()
    message.subscribe.cursors.add(origin=origin, size=size)
    with pytest.raises(ReplicationError) as caught:
        frame_from_request(message)
    assert caught.value.code == "frame.invalid"


def test_what_is_read_ahead_for_one_peer_is_bounded(federate: Federate) -> None:
    """Ten logs of a megabyte each, asked for at once: not all are read into memory at once."""
    others = [f"51{number:02}00" for number in range(20, 30)]
    members = [build.make_member(region) for region in ("510500", "510300", *others)]
    victim = federate("510500", members=members)["510500"]
    for member in others:
        log = HostileLog(member)
        for _ in range(32):
            log.say(Kind.SCENARIO, bytes(32_000), action=1)
        assert Stream(victim, member).send(log.batch()) == ""
    stream = Stream(victim)
    assert stream.send(cursors(*(build.origin_of(member) for member in others))) == ""
    seen: list[str] = []
    while sent := batches(stream):
        size = sum(len(leaf) for batch in sent for leaf in batch.leaves)
        size += sum(len(o.payload) for batch in sent for o in batch.openings)
        assert size <= HELD_IN_MEMORY
        seen += [batch.origin for batch in sent]
    assert sorted(seen) == sorted(build.origin_of(member) for member in others)


def test_few_long_openings_are_read_for_one_batch(
    victim: SimNode, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand openings of 32 kB would be 32 MB for each batch of one."""
    log = HostileLog()
    for _ in range(600):
        log.say(Kind.SCENARIO, bytes(32_000), action=1)
    for start in range(0, log.size, 30):
        assert stream.send(log.batch(start, start + 30, start + 30)) == ""
    opened: list[int] = []
    decrypt = victim.keyring.open_openings

    def counting(
        origin: Origin, sealed: Sequence[StoredOpening], **place: bytes
    ) -> Sequence[Opening]:
        opened.append(len(sealed))
        return decrypt(origin, sealed, **place)

    monkeypatch.setattr(victim.keyring, "open_openings", counting)
    other = Stream(victim, HONEST)
    assert other.send(cursors(log.origin)) == ""
    (batch,) = batches(other)
    assert len(batch.leaves) == 32
    assert sum(opened) * 32_000 <= HELD_IN_MEMORY


def test_a_long_log_does_not_keep_the_short_ones_waiting(federate: Federate) -> None:
    others = [f"51{number:02}00" for number in range(20, 30)]
    members = [build.make_member(region) for region in ("510500", "510300", *others)]
    victim = federate("510500", members=members)["510500"]
    for member in others:
        log = HostileLog(member)
        for _ in range(3000 if member < "512800" else 1):
            log.put(b"a leaf without header")
        for start in range(0, log.size, 1000):
            end = min(start + 1000, log.size)
            assert Stream(victim, member).send(log.batch(start, end, end)) == ""
    stream = Stream(victim)
    assert stream.send(cursors(*(build.origin_of(member) for member in others))) == ""
    first = [batch.origin for _ in range(5) for batch in batches(stream)]
    assert set(first[: len(others)]) == {build.origin_of(member) for member in others}


# ---------------------------------------------------------------------------- refusing, delaying


def test_refusals_of_every_log_stop_no_other_way(federate: Federate) -> None:
    """The hub refuses all; the logs come from their own nodes, and from the hub when it repents."""
    federation = federate("510500", HONEST)
    victim, honest = federation["510500"], federation[HONEST]
    hub = Stream(victim, HUB)
    for origin in (*victim.view.followed(), victim.origin, Origin("519999.huxin.example/1")):
        for reason in ("log.unknown", "", "x" * 10_000, "own-log.forked"):
            refusal = Refusal(origin=origin, reason=reason, message="\x1b[2J")
            assert hub.send(refusal) == ""
    assert hub.session.subscribed == set()
    listed = honest.list_(listing(1, audience=honest.audience()))
    federation.connect("510500", HONEST)
    federation.settle()
    assert victim.state(listed) == State.ACTIVE
    assert victim.exchange.blamed() == {}
    own = victim.list_(invented(victim, 2))
    assert victim.state(own) == State.ACTIVE
    asked = victim.exchange.subscription(hub.session)
    assert asked is not None
    assert build.origin_of(HUB) in {cursor.origin for cursor in asked.cursors}


def test_of_a_list_of_heads_two_notes_of_a_log_are_looked_at(
    victim: SimNode, stream: Stream, log: HostileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is one job of the writer, in whose way stands what others relieve."""
    stream.send(log.batch())
    looked = counted(victim.exchange._mirrors, "take_head", monkeypatch)
    notes = [log.note(1 + number % 4, at=build.NOW + number) for number in range(100)]
    other = HostileLog(HONEST)
    assert stream.heads([*notes, other.note(0), *notes]) == ""
    assert [origin for _, origin, _ in looked] == [log.origin] * 2 + [other.origin]
    looked.clear()
    assert stream.heads([bytes(ANSWER_BYTES), other.note(0)]) == "batch.checkpoint"
    assert stream.heads([other.note(0) + bytes(ANSWER_BYTES), log.note()]) == ""
    assert not looked, "no answer is longer than one that we would give"


def test_of_fork_files_that_come_together_one_of_a_log_is_verified(
    victim: SimNode, stream: Stream, log: HostileLog, capsys: pytest.CaptureFixture[str]
) -> None:
    stream.send(log.batch())
    false = log.fork_file(log, 2, 3)
    other = log.branch(2)
    other.list_(invented(victim, 99))
    true = log.fork_file(other, 3, 3)
    capsys.readouterr()
    assert stream.heads([], [false, *[b"no fork file"] * 50, *[true] * 50]) == ""
    assert capsys.readouterr().out.count("fork.invalid") == 1
    assert not victim.exchange.forked()
    assert stream.heads([], [*[b"no fork file"] * 50, true]) == ""
    assert victim.exchange.forked() == {log.origin}


def test_a_refusal_of_what_was_not_asked_for_is_not_written_down(
    victim: SimNode, stream: Stream, log: HostileLog, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who may write as it likes into a log fills its disk, and writes names of firms there."""
    name = "泸州示例建筑工程有限公司（演示）"
    capsys.readouterr()
    for origin in (name, f"{name}.example/1", victim.origin):
        stream.send(Refusal(origin=Origin(origin), reason=name, message=name))
    assert capsys.readouterr().out == ""
    for _ in range(2):
        stream.send(Refusal(origin=log.origin, reason=name, message=name))
    said = capsys.readouterr().out
    assert (said.count("log refused"), name in said) == (1, False)
    victim.exchange.subscription(stream.session)
    stream.send(Refusal(origin=log.origin, reason="log.unknown", message=name))
    assert "log.unknown" in capsys.readouterr().out


def counted(
    of: object, method: str, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[MemberId, Origin, bytes]]:
    """The calls of a method from here on."""
    calls: list[tuple[MemberId, Origin, bytes]] = []
    real = getattr(of, method)

    def call(*arguments: Any) -> Any:
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(of, method, call)
    return calls


def test_old_frames_played_again_change_nothing(federate: Federate) -> None:
    federation = federate("510500", HONEST)
    victim, honest = federation["510500"], federation[HONEST]
    hub = Stream(victim, HUB)
    hub.session.subscribed.add(honest.origin)
    feed = honest.exchange.open_session(MemberId(HUB))
    honest.exchange.handle(feed, cursors(honest.origin))
    content = listing(1, audience=honest.audience())
    heard = list(honest.exchange.plan(feed))
    listed = honest.list_(content)
    heard += honest.exchange.plan(feed)
    federation.clock.advance(60)
    honest.relieve(Kind.REPAIR, listed)
    heard += honest.exchange.plan(feed)
    assert hub.send(*heard) == ""
    state, note = victim.state(listed), parse_note(served_note(victim, HONEST))
    assert state == State.REPAIRED
    for frame in (*heard, *reversed(heard), *heard):
        assert hub.send(frame) == ""
    assert victim.state(listed) == State.REPAIRED
    assert parse_note(served_note(victim, HONEST)).text == note.text
    assert victim.sizes() == {honest.origin: 2}
    assert victim.exchange.blamed() == {}


def test_a_hub_that_delays_makes_a_log_stale_and_only_that(federate: Federate) -> None:
    federation = federate("510500", HONEST)
    victim, honest = federation["510500"], federation[HONEST]
    log, hub = HostileLog(), Stream(victim, HUB)
    log.list_(invented(victim))
    hub.session.subscribed.add(log.origin)
    now = victim.clock.now()
    assert hub.send(log.batch(note=log.note(at=now))) == ""
    federation.connect("510500", HONEST)
    listed = honest.list_(listing(2, audience=honest.audience()))
    federation.settle()
    victim.clock.advance(86_401)
    federation.settle()
    honest.publisher.renew_head()
    honest.exchange.published()
    federation.settle()
    assert doubt(victim, log.origin) == "log.stale"
    assert doubt(victim, honest.origin) == ""
    assert victim.state(listed) == State.ACTIVE
    # What it held back is taken when it comes, and is fresh by the origin's word alone.
    assert hub.send(HeadFrame(origin=log.origin, checkpoint=log.note(at=now))) == ""
    assert doubt(victim, log.origin) == "log.stale"
    log.list_(invented(victim, 3))
    assert hub.send(log.batch(1, note=log.note(at=victim.clock.now()))) == ""
    assert doubt(victim, log.origin) == ""
    assert stored_leaves(victim) == log.leaves


def doubt(node: SimNode, origin: Origin) -> str:
    with node.store.read() as session:
        head = session.head(origin)
        assert head is not None
        return node.doubts.of_log(head)


# ---------------------------------------------------------------------------- cursors and streams


@pytest.mark.parametrize("size", [1, 3, 2**63 - 1])
def test_a_cursor_beyond_the_end_is_no_error(federate: Federate, size: int) -> None:
    """SPEC §9.3: the head is shown, and leaves from the cursor on once there are more."""
    victim = federate("510500")["510500"]
    peer = Stream(victim, HONEST)
    assert peer.send(cursors(victim.origin, size=size)) == ""
    peer.sent()
    for number in range(1, 5):
        victim.list_(invented(victim, number))
    frames = peer.sent()
    heads = [frame for frame in frames if isinstance(frame, HeadFrame)]
    firsts = [frame.first_index for frame in frames if isinstance(frame, DeliveredBatch)]
    assert firsts == ([size] if size < 4 else [])
    assert (heads == []) is (size < 4)
    assert victim.exchange.blamed() == {}
    assert victim.publisher.refusal is None


def test_two_streams_of_one_log_bring_its_leaves_once(victim: SimNode, log: HostileLog) -> None:
    """SPEC §9.3: what comes twice is skipped, and one stream's end is not the other's."""
    one, two = Stream(victim), Stream(victim)
    two.session.subscribed.add(log.origin)
    assert one.send(log.batch(0, 3)) == ""
    assert two.send(log.batch(0, 2)) == ""
    assert two.send(log.batch(1, 4)) == ""
    assert one.send(log.batch()) == ""
    assert stored_leaves(victim) == log.leaves
    one.close()
    log.list_(invented(victim, 5))
    assert two.send(log.batch(4)) == ""
    assert stored_leaves(victim) == log.leaves
    assert victim.exchange.blamed() == {}
