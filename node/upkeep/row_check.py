"""Derived rows compared with what the log says, some of them or all, beside a running node.

A chunk of leaves is read again in a transaction that is rolled back, so the node's writer waits for
a chunk at a time. Unlike `node.upkeep.rebuild`, the other rows are taken as they are: a wrong row
shows where its own leaf is read, and where another one is judged by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final

from crypto.errors import CryptoError
from federation.ids import Origin
from federation.ports.store import LogHead, Store, WriteSession
from federation.rows import OpeningStatus
from node.log.ledger import Ledger
from node.log.soundness import ROWS, Damage
from node.upkeep.trial import trial

CHUNK: Final = 256
SAMPLED: Final = 16
"""Chunks of a log that are looked at where not all are: the newest, and others evenly before."""


def check_rows(
    store: Store, ledger: Ledger, *, whole: bool, progress: Callable[[Origin, int, int], None]
) -> list[Damage]:
    """Compare rows with their leaves and openings; changes nothing.

    Rows whose opening was erased rest on the journal, and are not looked at.

    Args:
        store: the node's store.
        ledger: derives rows.
        whole: all chunks, not a sample.
        progress: told origin, leaves done and leaves in all.
    """
    with store.read() as session:
        heads = list(session.heads())
    found: list[Damage] = []
    for head in heads:
        chunks = -(-head.size // CHUNK)
        step = 1 if whole else max(1, chunks // SAMPLED)
        differing: list[int] = []
        for number in reversed(range(chunks - 1, -1, -step)):
            differing += _differing(store, ledger, head, number * CHUNK)
            progress(head.origin, min((number + 1) * CHUNK, head.size), head.size)
        found += _damages(head.origin, differing)
        with store.read() as session:
            if session.miscounted(head.log):
                found.append(_miscounted(head))
    return found


def _differing(store: Store, ledger: Ledger, head: LogHead, begin: int) -> list[int]:
    try:
        with trial(store) as session:
            return _read_again(session, ledger, head, begin)
    except CryptoError:
        return []  # damaged leaves, which are named as such


def _read_again(session: WriteSession, ledger: Ledger, head: LogHead, begin: int) -> list[int]:
    end = min(begin + CHUNK, head.size)
    before = {row.idx: row for row in session.rows_between(head.log, begin, end)}
    missing = [index for index in range(begin, end) if index not in before]
    kept = [idx for idx, row in before.items() if row.opening != OpeningStatus.ERASED]
    ledger.read_again(session, head, kept)
    after = {row.idx: row for row in session.rows_between(head.log, begin, end)}
    if any(before[index].opening != after[index].opening for index in kept):
        return []  # damaged openings, which are named as such
    return sorted(missing + [index for index in kept if before[index] != after[index]])


def _miscounted(head: LogHead) -> Damage:
    text = "counts kept beside the rows are not what they say; huxin rebuild makes them anew"
    return Damage(origin=head.origin, part=ROWS, first=0, count=head.size, message=text)


def _damages(origin: Origin, differing: list[int]) -> Iterator[Damage]:
    """One for each run of rows that follow each other."""
    for _, run in groupby(enumerate(differing), lambda item: item[1] - item[0]):
        indices = [index for _, index in run]
        text = "derived rows are not what the log says; huxin rebuild makes them anew"
        yield Damage(origin=origin, part=ROWS, first=indices[0], count=len(indices), message=text)
