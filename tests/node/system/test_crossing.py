"""`node.system.threads.Crossing`: answers of threads, brought to the loop together."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from node.system.threads import Crossing


async def test_each_answer_and_each_error_arrives() -> None:
    crossing = Crossing()
    asked: list[Future[int]] = [Future() for _ in range(3)]
    waiting = [crossing.bring(one) for one in asked]
    error = ValueError("no")

    def answer() -> None:
        asked[2].set_result(2)
        asked[0].set_result(0)
        asked[1].set_exception(error)

    thread = threading.Thread(target=answer)
    thread.start()
    assert await asyncio.gather(*waiting, return_exceptions=True) == [0, error, 2]
    thread.join()


async def test_answers_that_come_together_wake_the_loop_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    calls: list[Callable[[], None]] = []
    call = loop.call_soon_threadsafe

    def counted(what: Callable[[], None]) -> asyncio.Handle:
        calls.append(what)
        return call(what)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    crossing = Crossing()
    for _ in range(2):
        asked: list[Future[int]] = [Future() for _ in range(5)]
        waiting = [crossing.bring(one) for one in asked]
        for number, one in enumerate(asked):
            one.set_result(number)
        assert await asyncio.gather(*waiting) == [0, 1, 2, 3, 4]
    assert len(calls) == 2


async def test_who_stops_waiting_takes_back_what_nobody_has_begun() -> None:
    crossing = Crossing()
    early: Future[int] = Future()
    begun: Future[int] = Future()
    begun.set_running_or_notify_cancel()
    waiting = [crossing.bring(early), crossing.bring(begun)]
    for one in waiting:
        one.cancel()
    await asyncio.sleep(0)
    assert early.cancelled()
    begun.set_result(1)
    await asyncio.sleep(0)
    assert waiting[1].cancelled()


async def test_what_was_taken_back_elsewhere_is_cancelled_here() -> None:
    crossing = Crossing()
    gone: Future[int] = Future()
    waiting = crossing.bring(gone)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
