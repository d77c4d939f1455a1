"""Heads of many streams go to the writer together, and wait for nothing that is on the way.

Covers node/network/heads.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import pytest

from adapters.errors import StoreError
from federation.errors import ReplicationError
from federation.ids import MemberId, Origin
from federation.peers.frames import HeadFrame
from node.network.heads import Heads
from node.peers.session import Session
from tests.support.exchange import FakeWriter

HEAD = HeadFrame(origin=Origin("a.example/1"), checkpoint=b"")
Taken = Sequence[tuple[Session, HeadFrame]]


@pytest.fixture
def writer() -> Iterator[FakeWriter]:
    made = FakeWriter()
    yield made
    made.close()


def sessions(count: int) -> list[Session]:
    return [Session(peer=MemberId(str(number))) for number in range(count)]


def gathering(
    writer: FakeWriter, answer: Callable[[Taken], Sequence[Exception | None]]
) -> tuple[Heads, list[int]]:
    groups: list[int] = []

    def take(heads: Taken) -> Sequence[Exception | None]:
        groups.append(len(heads))
        return answer(heads)

    return Heads(writer=writer, take=take), groups


async def test_heads_that_come_together_are_one_job(writer: FakeWriter) -> None:
    heads, groups = gathering(writer, lambda taken: [None] * len(taken))
    await asyncio.gather(*(heads.take(session, HEAD, alone=True) for session in sessions(20)))
    await heads.take(sessions(1)[0], HEAD, alone=True)
    assert groups == [20, 1]


async def test_what_stands_behind_a_head_lets_it_go_at_once(
    writer: FakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.network.heads.GATHER_SECONDS", 3600.0)
    heads, groups = gathering(writer, lambda taken: [None] * len(taken))
    heads.hurry()
    waiting = [
        asyncio.ensure_future(heads.take(session, HEAD, alone=True)) for session in sessions(3)
    ]
    await asyncio.sleep(0)
    heads.hurry()
    async with asyncio.timeout(60):
        await asyncio.gather(*waiting)
    assert groups == [3]


async def test_a_head_that_has_others_behind_it_does_not_wait(
    writer: FakeWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.network.heads.GATHER_SECONDS", 3600.0)
    heads, groups = gathering(writer, lambda taken: [None] * len(taken))
    first = asyncio.ensure_future(heads.take(sessions(1)[0], HEAD, alone=True))
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await heads.take(sessions(2)[1], HEAD, alone=False)
        await first
    assert groups == [2]


async def test_each_stream_is_told_how_its_own_head_fared(writer: FakeWriter) -> None:
    false = ReplicationError("batch.checkpoint", "no checkpoint")
    heads, _ = gathering(writer, lambda taken: [None, false, *[None] * (len(taken) - 2)])
    found = await asyncio.gather(
        *(heads.take(session, HEAD, alone=True) for session in sessions(3)), return_exceptions=True
    )
    assert found == [None, false, None]


async def test_all_are_told_of_a_store_that_failed(writer: FakeWriter) -> None:
    failed = StoreError("no room")

    def take(_: Taken) -> Sequence[Exception | None]:
        raise failed

    heads, _ = gathering(writer, take)
    found = await asyncio.gather(
        *(heads.take(session, HEAD, alone=True) for session in sessions(2)), return_exceptions=True
    )
    assert found == [failed, failed]


async def test_a_stream_that_ends_meanwhile_harms_no_other(writer: FakeWriter) -> None:
    heads, groups = gathering(writer, lambda taken: [None] * len(taken))
    one, other = (asyncio.ensure_future(heads.take(s, HEAD, alone=True)) for s in sessions(2))
    await asyncio.sleep(0)
    one.cancel()
    await other
    assert (one.cancelled(), groups) == (True, [2])
