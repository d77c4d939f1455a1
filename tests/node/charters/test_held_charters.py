"""GetNode says what the caller holds of the charters, and leaves that out of the answer (§9.2).

Covers node/charters/book.py, node/codec/held.py.
"""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from huxin.v1 import exchange_pb2 as pb

from federation.charters.chain import CharterChain, HeldVersion, advance
from federation.errors import RefusedError
from federation.ids import CharterId, MemberId, Timestamp
from node.charters.book import CharterBook
from node.charters.files import store_chain
from node.codec.held import MAX_HELD, held_from_proto, held_to_proto
from node.network.errors import error_of
from tests.support import charters as build
from tests.support.network import called, node, running
from tests.support.waiting import until

ME, PEER = "510500", MemberId("510300")


def held(number: int = 1) -> HeldVersion:
    return HeldVersion(charter=CharterId(b"%32d" % number), version=number, digest=b"d" * 32)


def test_a_version_held_comes_back_as_it_was() -> None:
    last = HeldVersion(charter=CharterId(b"c" * 32), version=2**32 - 1, digest=b"d" * 32)
    for one in (held(), last):
        message = pb.CharterHeld.FromString(held_to_proto(one).SerializeToString())
        assert held_from_proto(message) == one


async def test_the_dialler_says_what_it_holds() -> None:
    a, b = node("a", wanted="b"), node("b")
    a.holds = [held(1), held(2)]
    async with running(a, b, dialling=[a]):
        await until(lambda: a.exchange.charters)
    assert b.told == [("a", (held(1), held(2)))]


async def test_of_many_charters_it_names_as_many_as_are_allowed() -> None:
    a, b = node("a", wanted="b"), node("b")
    a.holds = [held(number) for number in range(1, MAX_HELD + 9)]
    async with running(a, b, dialling=[a]):
        await until(lambda: a.exchange.charters)
    assert b.told == [("a", tuple(a.holds[:MAX_HELD]))]


async def test_an_older_peer_names_none_and_gets_all() -> None:
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[]), called(a, b) as stub:
        answer = await stub.GetNode(pb.GetNodeRequest(), timeout=60)
    assert b.told == [("a", ())]
    assert list(answer.charters) == [b"charter for a"]


GOOD = held_to_proto(held())


@pytest.mark.parametrize(
    "request_",
    [
        pb.GetNodeRequest(held=[GOOD] * 65),
        pb.GetNodeRequest(held=[pb.CharterHeld(version=1, digest=b"d" * 32)]),
        pb.GetNodeRequest(held=[pb.CharterHeld(charter=b"c" * 31, version=1, digest=b"d" * 32)]),
        pb.GetNodeRequest(held=[pb.CharterHeld(charter=b"c" * 32, version=0, digest=b"d" * 32)]),
        pb.GetNodeRequest(held=[pb.CharterHeld(charter=b"c" * 32, version=1, digest=b"d" * 33)]),
    ],
    ids=["too many", "no charter", "short charter", "no version", "long digest"],
)
async def test_what_is_out_of_bounds_is_refused(request_: pb.GetNodeRequest) -> None:
    a, b = node("a"), node("b")
    async with running(a, b, dialling=[]), called(a, b) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetNode(request_, timeout=60)
        await stub.GetNode(pb.GetNodeRequest(held=[GOOD] * 64), timeout=60)
    assert getattr(error_of(caught.value), "code", "") == "request.invalid"


# ---------------------------------------------------------------- what the book says


def three_versions(*members: str, name: str) -> CharterChain:
    chain = build.make_chain([build.make_member(member) for member in members], name=name)
    for seconds in (1, 2):
        later = Timestamp(build.NOT_AFTER + seconds)
        terms = build.next_version(chain.latest, not_after=later)
        chain = advance(chain, build.sign_all(terms))
    return chain


SHARED = three_versions(ME, PEER, name="川南（演示）")
NOT_SHARED = three_versions(ME, "510100", name="成渝（演示）")


@pytest.fixture
def book(tmp_path: Path) -> CharterBook:
    for chain in (SHARED, NOT_SHARED):
        store_chain(tmp_path, chain)
    return CharterBook(
        directory=tmp_path,
        pins=lambda: [SHARED.id, NOT_SHARED.id],
        own=build.origin_of(ME),
        not_direct=(),
        now=lambda: Timestamp(build.NOW),
        changed=lambda: None,
    )


def test_a_peer_learns_only_of_the_charters_shared_with_it(book: CharterBook) -> None:
    assert book.held_with(PEER) == [SHARED.held]
    assert book.held_with(MemberId("999999")) == []


def test_a_peer_is_told_what_it_does_not_hold(book: CharterBook) -> None:
    second = SHARED.versions[1]
    one = HeldVersion(charter=SHARED.id, version=2, digest=second.digest)
    assert book.envelopes_for(PEER, [one]) == [SHARED.latest.envelope]
    assert book.envelopes_for(PEER, [SHARED.held]) == []
    assert book.envelopes_for(PEER) == list(SHARED.envelopes)


def test_a_liar_gains_nothing_but_more_bytes(book: CharterBook) -> None:
    """It holds a version, and names a digest that is none, or a charter that it does not share."""
    false = HeldVersion(charter=SHARED.id, version=3, digest=bytes(32))
    assert book.envelopes_for(PEER, [false]) == list(SHARED.envelopes)
    assert book.envelopes_for(PEER, [NOT_SHARED.held]) == list(SHARED.envelopes)
    assert book.envelopes_for(MemberId("999999"), [SHARED.held]) == []


def test_the_charter_in_force_is_handed_out_as_it_was_signed(
    book: CharterBook, tmp_path: Path
) -> None:
    assert book.in_force(NOT_SHARED.id) == NOT_SHARED.latest.envelope
    with pytest.raises(RefusedError) as unknown:
        book.in_force(CharterId(bytes(32)))
    assert unknown.value.code == "charter.unknown"
    other = build.next_version(SHARED.versions[1], not_after=Timestamp(build.NOT_AFTER + 9))
    store_chain(tmp_path, advance(SHARED, build.sign_all(other)))
    book.reload()
    with pytest.raises(RefusedError) as forked:
        book.in_force(SHARED.id)
    assert forked.value.code == "charter.forked"
