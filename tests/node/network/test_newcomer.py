"""A node that asks to be let in: what one member does wrong keeps it from nothing.

Covers node/network/newcomer.py.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from unittest.mock import AsyncMock

import pytest

from federation.charters.chain import CharterChain
from federation.charters.values import Member
from federation.ids import MemberId
from federation.peers.frames import Frame
from node.network import newcomer
from node.network.newcomer import Newcomer
from node.network.transport import presented_certificate
from node.peers.session import Session
from tests.support.charters import make_chain, make_member
from tests.support.exchange import FakeExchange, log_of
from tests.support.network import Node, node
from tests.support.waiting import until


def member(region: str, of: Node) -> Member:
    """A member that is reached at a node."""
    return replace(
        make_member(region), endpoints=(f"127.0.0.1:{of.port}",), certificates=(of.tls.der,)
    )


@asynccontextmanager
async def asking(new: Node, *asked: Node) -> AsyncIterator[tuple[CharterChain, asyncio.Task[None]]]:
    """A newcomer of an alliance whose members are reached at these nodes, in this order."""
    regions = ("510300", "510500")
    chain = make_chain(member(r, of) for r, of in zip(regions, asked, strict=False))
    job = Newcomer(
        chains=lambda: [chain],
        own=log_of(new.name),
        identities=lambda: [new.tls.identity],
        exchange=new.exchange,
        writer=new.writer,
        connect_seconds=5.0,
    )
    task = asyncio.create_task(job.run())
    try:
        yield chain, task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newcomer, "ASK_SECONDS", 0.05)


class FullDisk(FakeExchange):
    """Cannot store a charter, the first time."""

    def handle(self, session: Session, frame: Frame) -> None:  # type: ignore[override]
        if not self.charters:
            self.charters.append(b"-")
            message = "no space left on device"
            raise OSError(message)
        super().handle(session, frame)


@pytest.mark.usefixtures("quick")
async def test_a_charter_that_cannot_be_stored_now_is_asked_for_again() -> None:
    """The node goes on: what dials beside this job would end with it."""
    new, hub = node("a"), node("b")
    new.exchange = FullDisk("a")
    hub.knows(new)
    async with hub.serving(), asking(new, hub) as (_, task):
        await until(lambda: b"charter for a" in new.exchange.charters or task.done())
        assert not task.done()
    assert new.exchange.sessions == []


class Judging(FakeExchange):
    """Takes no charter, and notes where each is judged."""

    def __init__(self, me: str) -> None:
        super().__init__(me)
        self.threads: list[str] = []

    def prepare(self, _session: Session, _frame: Frame) -> Frame | None:  # type: ignore[override]
        self.threads.append(threading.current_thread().name)
        return None


@pytest.mark.usefixtures("quick")
async def test_what_a_member_offers_is_judged_beside_the_writer() -> None:
    """A large charter takes seconds to verify; meanwhile the node relieves."""
    new, hub = node("a"), node("b")
    new.exchange = judging = Judging("a")
    hub.knows(new)
    async with hub.serving(), asking(new, hub):
        await until(lambda: judging.threads)
    writer = new.writer.submit(lambda: threading.current_thread().name).result()
    assert writer not in judging.threads
    assert judging.charters == []


@pytest.mark.usefixtures("quick")
async def test_a_call_that_somebody_else_cancels_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As gRPC does with a call whose line is closed under it."""
    new, hub = node("a"), node("b")
    hub.knows(new)
    calls = 0

    async def cut(endpoint: str, expected: tuple[bytes, ...], seconds: float) -> bytes:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise asyncio.CancelledError
        return await presented_certificate(endpoint, expected, seconds)

    monkeypatch.setattr("node.network.newcomer.presented_certificate", cut)
    async with hub.serving(), asking(new, hub) as (_, task):
        await until(lambda: b"charter for a" in new.exchange.charters or task.done())
        assert not task.done()


@pytest.mark.usefixtures("quick")
async def test_it_says_which_version_it_holds() -> None:
    """So that of a long history comes what is new: of one answer not all is taken."""
    new, hub = node("a"), node("b")
    hub.knows(new)
    async with hub.serving(), asking(new, hub) as (chain, _):
        await until(lambda: hub.told)
    assert hub.told[0] == (MemberId("a"), (chain.held,))


async def test_it_asks_less_and_less_often_until_something_is_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    known = replace(make_member("510300"), endpoints=("zigong.example:7443",))
    chains = [make_chain([known, make_member("510500")])]

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 12:
            chains[0] = make_chain([known])
        if len(waits) == 14:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    new = node("a")
    monkeypatch.setattr(Newcomer, "_ask", AsyncMock())
    job = Newcomer(
        chains=lambda: chains,
        own=log_of(new.name),
        identities=lambda: [new.tls.identity],
        exchange=new.exchange,
        writer=new.writer,
        connect_seconds=5.0,
    )
    with pytest.raises(asyncio.CancelledError):
        await job.run()
    assert waits[:4] == [10.0, 15.0, 22.5, 33.75]
    assert waits[11] == newcomer.LONGEST_SECONDS
    assert waits[12:] == [newcomer.ASK_SECONDS, 15.0]
