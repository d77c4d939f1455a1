"""Two nodes over mutual TLS: what is followed, and when a stream ends.

Covers node/network/dialer.py, node/network/follow.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import grpc
import pytest
from huxin.v1 import exchange_pb2 as pb

from crypto.merkle import EMPTY_ROOT
from crypto.strict import b64
from federation.errors import RefusedError, StatementError
from federation.ids import MemberId, Origin
from federation.peers.frames import MAX_CURSORS, Cursor, Frame, Refusal, Subscribe
from federation.peers.replication import DeliveredBatch
from node.charters.contacts import Contact
from node.codec.frames import frame_from_request, frame_to_request, frame_to_response
from node.network.dialer import Dialer
from node.network.errors import error_of
from node.network.follow import Ending, Link, Timing, _ended
from tests.support.exchange import log_of
from tests.support.network import called, node, running
from tests.support.tls import holder
from tests.support.waiting import until


async def test_a_log_is_followed_to_its_end_and_beyond() -> None:
    a, b = node("a", wanted="b"), node("b")
    b.exchange.say(*(b"leaf %d" % i for i in range(1050)))
    async with running(a, b, dialling=[a]):
        await until(lambda: a.exchange.held("b") == b.exchange.held("b"))
        b.exchange.say(b"later")
        await until(lambda: a.exchange.held("b")[-1:] == [b"later"])
    assert b"charter for a" in a.exchange.charters
    assert any(isinstance(frame, DeliveredBatch) for frame in a.frames)


async def test_frames_of_a_later_version_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What we know among them is taken as ever."""
    unknown = pb.FollowResponse.FromString(b"\xa2\x06\x03new")  # field 100

    def later(frame: Frame) -> pb.FollowResponse:
        return unknown if isinstance(frame, Refusal) else frame_to_response(frame)

    monkeypatch.setattr("node.services.exchange.frame_to_response", later)
    a, b = node("a", wanted="b"), node("b")
    async with running(a, b, dialling=[a]):
        await until(lambda: b.exchange.sessions)
        (session,) = b.exchange.sessions
        session.outbox.append(Refusal(origin=log_of("b"), reason="log.unknown", message=""))
        b.exchange.say(b"zero")
        await until(lambda: a.exchange.held("b") == [b"zero"])
    assert [type(frame) for frame in a.frames] == [DeliveredBatch]


async def test_each_side_follows_the_other_when_both_dial() -> None:
    a, b = node("a", wanted="b"), node("b", wanted="a")
    a.exchange.say(b"of a")
    b.exchange.say(b"of b")
    async with running(a, b, dialling=[a, b]):
        await until(lambda: a.exchange.held("b") == [b"of b"] and b.exchange.held("a") == [b"of a"])


async def test_a_node_that_only_dials_serves_its_log_over_its_own_connection() -> None:
    a, b = node("a", wanted="b"), node("b", wanted="a")
    a.exchange.say(b"of a")
    async with running(a, b, dialling=[a]):  # b knows no endpoint of a
        await until(lambda: b.exchange.held("a") == [b"of a"])
        a.exchange.say(b"more")
        await until(lambda: b.exchange.held("a") == [b"of a", b"more"])


async def test_a_peer_that_cannot_be_reached_is_asked_back_on_its_own_stream() -> None:
    a, b = node("a", wanted="b"), node("b", wanted="a")
    a.exchange.say(b"of a")
    b.contacts["a"] = Contact(
        peer=MemberId("a"),
        endpoints=("127.0.0.1:1",),
        certificates=(a.tls.der,),
        origins=frozenset({log_of("a")}),
    )
    async with running(a, b, dialling=[a, b]):
        await until(lambda: b.exchange.held("a") == [b"of a"])


async def test_a_false_delivery_ends_the_stream_and_is_tried_again() -> None:
    a, b = node("a", wanted="b"), node("b")
    b.exchange.say(b"!false")
    async with running(a, b, dialling=[a]):
        await until(lambda: a.exchange.opened_sessions >= 3)
        assert a.exchange.held("b") == []
        b.exchange.logs[log_of("b")] = [b"true"]
        await until(lambda: a.exchange.held("b") == [b"true"])


async def test_a_peer_that_comes_back_is_found_again() -> None:
    a, b = node("a", wanted="b"), node("b")
    async with AsyncExitStack() as stack:
        stack.callback(a.close)
        stack.callback(b.close)
        async with b.serving():
            a.knows(b)
            b.knows(a, dials=False)
            await stack.enter_async_context(a.dialling())
            b.exchange.say(b"first")
            await until(lambda: a.exchange.held("b") == [b"first"])
        await until(lambda: not a.dialer.live())
        b.exchange.say(b"second")
        async with b.serving():
            await until(lambda: a.exchange.held("b") == [b"first", b"second"])


async def test_streams_of_a_removed_member_end_on_both_sides() -> None:
    a, b = node("a", wanted="b"), node("b")
    async with running(a, b, dialling=[a]):
        await until(lambda: a.dialer.live() and b.exchange.sessions)
        del b.contacts["a"]
        b.exchange.changes.ring()
        await until(lambda: not b.exchange.sessions)
        # It dials again and again, and never gets as far as a session.
        await until(lambda: a.dialer.must_be_asked_back(MemberId("b")))
        assert b.exchange.opened_sessions == 1
        del a.contacts["b"]
        await until(lambda: not a.dialer._tasks)


async def test_who_follows_a_host_that_was_replaced_follows_the_one_that_replaced_it() -> None:
    """Else it would hear nothing of what the other one relieves, for as long as this one runs."""
    former, other, hub = node("a"), node("a"), node("b", wanted="a")
    former.exchange.say(b"first")
    other.exchange.logs[log_of("a")] = [b"first"]
    async with AsyncExitStack() as stack:
        for one in (former, other, hub):
            stack.callback(one.close)
            await stack.enter_async_context(one.serving())
        hub.knows(former)
        other.knows(hub)
        former.knows(hub, dials=False)
        await stack.enter_async_context(hub.dialling())
        await until(lambda: hub.exchange.held("a") == [b"first"])
        await stack.enter_async_context(other.dialling())
        other.exchange.say(b"relief")
        former.replaced = True
        await until(lambda: hub.exchange.held("a") == [b"first", b"relief"])
        async with called(hub, former) as stub:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.AddCheckpoint(pb.AddCheckpointRequest(body=b"x"))
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_contact_that_changes_is_dialled_anew() -> None:
    a, b = node("a", wanted="b"), node("b")
    newer = holder("b.example")
    async with running(a, b, dialling=[a]):
        await until(a.dialer.live)
        (first,) = a.exchange.sessions
        contact = a.contacts["b"]
        a.contacts["b"] = Contact(
            peer=contact.peer,
            endpoints=contact.endpoints,
            certificates=(contact.certificates[0], newer.der),
            origins=contact.origins,
        )
        await until(lambda: a.exchange.sessions and a.exchange.sessions[0] is not first)


async def test_a_node_that_names_another_log_as_its_own_is_not_followed() -> None:
    a, b = node("a", wanted="b"), node("b")
    b.exchange.say(b"leaf")
    async with running(a, b, dialling=[]):
        a.contacts["b"] = Contact(
            peer=MemberId("b"),
            endpoints=(f"127.0.0.1:{b.port}",),
            certificates=(b.tls.der,),
            origins=frozenset({log_of("c")}),
        )
        async with a.dialling():
            await until(lambda: a.exchange.opened_sessions >= 2)
    assert a.exchange.held("b") == []
    assert b"charter for a" in a.exchange.charters  # its charters are taken first


async def test_more_logs_than_fit_into_one_frame_are_asked_for_in_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    origins = [log_of(f"n{number}") for number in range(MAX_CURSORS + 6)]
    a, b = node("a"), node("b")
    b.exchange.logs |= {origin: [] for origin in origins}
    asked = [Subscribe(cursors=tuple(Cursor(origin=origin, size=0) for origin in origins))]
    monkeypatch.setattr(a.exchange, "subscription", lambda _: asked.pop() if asked else None)
    async with running(a, b, dialling=[a]):
        await until(lambda: b.exchange.sessions)
        (session,) = b.exchange.sessions
        await until(lambda: len(session.cursors) == len(origins))


async def test_a_frame_that_is_under_way_is_not_cut_when_the_stream_ends() -> None:
    """gRPC sends no status beside it: the reason was lost, and its error logged with a trace."""
    a, begun, taken = node("a"), asyncio.Event(), asyncio.Event()
    cut: list[Frame] = []

    async def write(frame: Frame) -> None:
        begun.set()
        try:
            await taken.wait()
        except asyncio.CancelledError:
            cut.append(frame)
            raise

    async def frames() -> AsyncIterator[Frame | None]:
        await begun.wait()
        yield frame_from_request(pb.FollowRequest(batch=pb.Batch(leaves=[b"!"])))

    session = a.exchange.open_session(MemberId("b"))
    waiting = Refusal(origin=log_of("b"), reason="log.unknown", message="")
    session.outbox.extend([waiting, waiting])
    link = Link(frames=frames(), write=write)
    run = a.follower.run(session, link, asks=lambda: False, stays=lambda: True)
    running_stream = asyncio.create_task(run)
    done, _ = await asyncio.wait((running_stream,), timeout=0.5)
    assert (done, cut) == (set(), [])
    taken.set()
    assert (await running_stream).code == "batch.unproved"
    assert (cut, list(session.outbox)) == ([], [])
    a.close()


async def test_an_error_of_our_own_tells_a_peer_nothing_but_an_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SPEC §9.7: it is no reason that a reader could go by, and says nothing of what was read."""
    a, b = node("a"), node("b")

    def fails(*_: object) -> None:
        raise KeyError("泸州示例建筑工程有限公司")

    monkeypatch.setattr(b.exchange, "handle", fails)
    async with running(a, b, dialling=[]), called(a, b) as stub:
        call = stub.Follow()
        await call.write(frame_to_request(Subscribe(cursors=())))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert error_of(caught.value).code == "peer.internal"
    assert re.fullmatch("[0-9a-f]{16}", caught.value.details() or "")


async def test_a_silent_log_ends_its_stream() -> None:
    a, b = node("a", wanted="b", timing=Timing(tick=0.02, idle=0.05)), node("b")
    async with running(a, b, dialling=[a]):
        await until(lambda: a.exchange.opened_sessions >= 2)


async def test_what_the_streams_did_not_bring_is_pulled() -> None:
    a, b = node("a", wanted="b"), node("b")
    b.exchange.say(b"zero", b"one")
    async with running(a, b, dialling=[a]):
        await until(a.dialer.live)
        a.exchange.missing = {log_of("b"): [1], Origin("elsewhere/1"): [0]}
        await a.puller.pull()
    assert a.exchange.opened == [(log_of("b"), 1, b"one")]
    assert a.exchange.helpers == ["b"]
    assert b"head of b for a" in a.exchange.notes
    assert Origin("elsewhere/1") in a.exchange.missing


async def test_single_calls_and_their_bounds() -> None:
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[]), called(a, b) as stub:
        info = await stub.GetNode(pb.GetNodeRequest(), timeout=60)
        assert (info.region, info.name, info.origin) == ("510500", "泸州", log_of("b"))
        answer = await stub.AddCheckpoint(pb.AddCheckpointRequest(body=b"x"), timeout=60)
        assert answer.cosignatures == b"cosigned x"
        # a query log's is none of the writer's
        body = f"old 0\n\nqueries.a/1\n0\n{b64(EMPTY_ROOT)}\n\n— a AAAAAAA=\n".encode()
        answer = await stub.AddCheckpoint(pb.AddCheckpointRequest(body=body), timeout=60)
        assert answer.cosignatures == b"for the query witness: " + body
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetOpenings(pb.GetOpeningsRequest(origin="x"), timeout=60)
        error = error_of(caught.value)
        assert isinstance(error, StatementError)
        assert error.code == "request.invalid"
        request = pb.GetOpeningsRequest(origin="no/1", indices=[0])
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetOpenings(request, timeout=60)
        refusal = error_of(caught.value)
        assert isinstance(refusal, RefusedError)
        assert refusal.code == "log.unknown"


async def test_openings_beyond_one_batch_are_left_for_the_next_call() -> None:
    a, b = node("a"), node("b")
    b.exchange.say(*([bytes(32 * 1024)] * 200))
    async with running(a, b, dialling=[]), called(a, b) as stub:
        request = pb.GetOpeningsRequest(origin=log_of("b"), indices=range(200))
        answer = await stub.GetOpenings(request, timeout=60)
    states = [opening.state for opening in answer.openings]
    assert states == [pb.OPENING_STATE_PRESENT] * 32 + [pb.OPENING_STATE_PENDING] * 168


async def test_one_peer_cannot_hold_many_streams() -> None:
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[]), called(a, b) as stub:
        calls = [stub.Follow() for _ in range(5)]
        await until(lambda: any(call.done() for call in calls))
        (refused,) = [call for call in calls if call.done()]
        assert await refused.code() is grpc.StatusCode.UNAVAILABLE
        for call in calls:
            call.cancel()
        await until(lambda: not b.exchange.sessions)


async def test_a_stream_whose_channel_was_closed_ends_with_a_reason() -> None:
    async def closed() -> Ending:
        raise asyncio.CancelledError

    assert (await _ended(closed())).code == "peer.unreachable"


async def test_a_connection_closed_under_the_dialling_is_dialled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialled: list[asyncio.Task[None] | None] = []

    async def closed(_self: Dialer, _contact: Contact, _endpoint: str) -> Ending:
        dialled.append(asyncio.current_task())
        raise asyncio.CancelledError

    monkeypatch.setattr(Dialer, "_dial", closed)
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[a]):
        await until(lambda: len(dialled) > 1)
    # By the same task, which counts the failures and waits longer each time.
    assert dialled[0] is dialled[1]
