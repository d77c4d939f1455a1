"""Batches that waited for the writer together: stored in one transaction, as if one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from federation.peers import replication
from federation.peers.frames import HeadFrame
from federation.peers.openings import PENDING
from federation.ports.store import WriteSession
from federation.rows import State
from node.peers.prepared import PreparedBatch, PreparedRun, in_runs
from tests.support.liar import HostileLog, Stream, invented, row, served_note, stored_leaves
from tests.support.simulation import SimNode


def _prepared(stream: Stream, log: HostileLog, *starts: int) -> list[Any]:
    """Batches of one leaf, checked ahead of the store."""
    batches = [log.batch(start, start + 1) for start in starts]
    return [stream.node.exchange.prepare(stream.session, batch) for batch in batches]


def _run(stream: Stream, log: HostileLog, *starts: int) -> PreparedRun:
    (run,) = in_runs(_prepared(stream, log, *starts))
    assert isinstance(run, PreparedRun)
    return run


@pytest.fixture
def transactions(victim: SimNode, monkeypatch: pytest.MonkeyPatch) -> list[WriteSession]:
    """The victim's write sessions from here on."""
    begun: list[WriteSession] = []
    write = victim.store.write

    @contextmanager
    def counted() -> Iterator[WriteSession]:
        with write() as session:
            begun.append(session)
            yield session

    monkeypatch.setattr(victim.store, "write", counted)
    return begun


def test_a_run_is_one_transaction(
    victim: SimNode, stream: Stream, log: HostileLog, transactions: list[WriteSession]
) -> None:
    stream.send(log.batch())
    content = invented(victim, 9)
    listed = log.list_(content)
    log.relieve(content, listed)
    log.put(log.leaves[0], PENDING)
    run = _run(stream, log, 4, 5, 6)
    transactions.clear()
    victim.exchange.handle(stream.session, run)
    assert len(transactions) == 1
    assert stored_leaves(victim) == log.leaves
    assert row(victim, listed).state == State.REPAIRED
    assert served_note(victim).startswith(log.note().split(b"\n\n")[0])
    assert not victim.exchange.blamed()


def test_a_run_after_another_stream_went_ahead(
    victim: SimNode, stream: Stream, log: HostileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was assumed no longer holds: each batch is checked anew, and nobody is blamed."""
    monkeypatch.setattr(replication, "MAX_BATCH_LEAVES", 2)
    stream.send(log.batch(0, 1))
    run = _run(stream, log, 1, 2, 3)
    victim.exchange.handle(stream.session, log.batch(1, 3))
    victim.exchange.handle(stream.session, run)
    assert stored_leaves(victim) == log.leaves
    assert not victim.exchange.blamed()


def test_a_fork_within_a_run_is_proved(victim: SimNode, stream: Stream, log: HostileLog) -> None:
    stream.send(log.batch(0, 1))
    other = log.branch(2)
    other.list_(invented(victim, 99))
    stream.send(HeadFrame(origin=log.origin, checkpoint=other.note(3)))
    run = _run(stream, log, 1, 2, 3)
    victim.exchange.handle(stream.session, run)
    assert stored_leaves(victim) == log.leaves
    with victim.store.read() as session:
        ((origin, _),) = session.forks()
    assert origin == log.origin


def test_only_batches_that_lead_to_one_another_join(
    victim: SimNode, stream: Stream, log: HostileLog
) -> None:
    one, two, three, four = _prepared(stream, log, 0, 1, 2, 3)
    assert in_runs([one, three]) == [one, three]
    assert in_runs([two, one]) == [two, one]
    assert in_runs([one, "head", two, three, four]) == [
        one,
        "head",
        PreparedRun(batches=(two, three, four)),
    ]
    log.list_(invented(victim, 5))
    (fifth,) = _prepared(stream, log, 4)
    assert isinstance(fifth, PreparedBatch)
    assert in_runs([four, fifth]) == [four, fifth], "another checkpoint"
