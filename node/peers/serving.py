"""What a peer is shown of a log: leaves with the openings that it may have, and their proof."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from adapters.errors import CorruptError
from adapters.state.keyring import KeyRing
from crypto.checkpoint import peek_checkpoint
from crypto.errors import CryptoError
from crypto.merkle import consistency_proof, frontier_at, leaf_hashes, verify_consistency
from federation.ids import MemberId, Origin
from federation.peers.openings import PENDING, DeliveredOpening
from federation.peers.replication import MAX_BATCH_BYTES, MAX_BATCH_LEAVES, DeliveredBatch
from federation.ports.store import ReadSession, Store, StoredOpening
from federation.rows import OpeningStatus, StatementRow, proves_erasure
from node.charters.view import TrustView
from node.log.newest import Appended
from node.log.tiles import tile_nodes

_log = structlog.get_logger()

ANSWER_BYTES: Final = 1536 * 1024
"""Of checkpoints, and as much of fork files, in one answer; a message has at most 4 MiB."""
READ_AT_ONCE: Final = 256
"""Leaves whose openings are read at once; at most 8 MiB of payloads, for a batch of 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What may be shown of a log: its newest note of a size that is held."""

    log: int
    size: int
    note: bytes
    newest: Appended | None = None
    """The leaves that end at this size, while they are at hand."""


class Serving:
    """Reads batches and openings for peers; only reads, on any thread."""

    def __init__(self, *, store: Store, keyring: KeyRing, trust: Callable[[], TrustView]) -> None:
        """Wire the reader."""
        self._store = store
        self._keyring = keyring
        self._trust = trust
        self.damaged: dict[Origin, str] = {}
        """Logs of which bytes were found changed on our disk since the start, and which."""

    def batch(
        self, peer: MemberId, origin: Origin, start: int, served: Served
    ) -> DeliveredBatch | None:
        """Read leaves from `start` on, with their openings and the path to the checkpoint.

        What was read is proved as the receiver will prove it: a peer would blame us for bytes that
        our disk has changed.

        Returns:
            None where leaves or hashes stored do not lead to the signed root: the log is named in
            `damaged`, and the other logs go on.
        """
        try:
            return self._batch(peer, origin, start, served)
        except CorruptError as error:
            if origin not in self.damaged:
                _log.error("log damaged", code="store.damaged", origin=origin, error=str(error))
            self.damaged[origin] = str(error)
            return None

    def _batch(self, peer: MemberId, origin: Origin, start: int, served: Served) -> DeliveredBatch:
        limit = min(start + MAX_BATCH_LEAVES, served.size)
        leaves: list[bytes] = []
        openings: list[DeliveredOpening] = []
        total = 0
        with _damage_named(start, limit), self._store.read() as snapshot:
            # In parts: payloads may be so long that a few of them fill the batch.
            for begin in range(start, limit, READ_AT_ONCE):
                until = min(begin + READ_AT_ONCE, limit)
                rows = snapshot.rows_between(served.log, begin, until)
                found = self._openings(snapshot, peer, origin, served.log, rows)
                for index, leaf in enumerate(snapshot.leaves(served.log, begin, until), begin):
                    total += len(leaf) + len(found[index].payload)
                    if leaves and total > MAX_BATCH_BYTES:
                        break
                    leaves.append(leaf)
                    openings.append(found[index])
                if total > MAX_BATCH_BYTES:
                    break
            path = _proved_path(snapshot, start, leaves, served)
        return DeliveredBatch(
            origin=origin,
            first_index=start,
            leaves=tuple(leaves),
            openings=tuple(openings),
            checkpoint=served.note,
            path=tuple(path),
        )

    def at_hand(
        self, peer: MemberId, origin: Origin, start: int, served: Served
    ) -> DeliveredBatch | None:
        """The batch from `start` on, where it is what was appended last; reads nothing.

        None once anything was written since: an opening may be erased by now. The path to the
        checkpoint is empty, since the leaves end at its size.
        """
        newest = served.newest
        if newest is None or newest.first != start or newest.written != self._store.written:
            return None
        trust = self._trust()
        return DeliveredBatch(
            origin=origin,
            first_index=start,
            leaves=newest.leaves,
            openings=tuple(
                (
                    opening
                    if trust.may_receive(peer, origin, kind, audience)
                    else DeliveredOpening(OpeningStatus.NOT_FOR_US)
                )
                if opening.status == OpeningStatus.PRESENT
                else PENDING
                for opening, kind, audience in newest.openings
            ),
            checkpoint=served.note,
            path=(),
        )

    def openings(
        self, peer: MemberId, origin: Origin, served: Served, indices: Sequence[int]
    ) -> list[DeliveredOpening]:
        """Read single openings, in the order asked; pending for what is not held."""
        with self._store.read() as snapshot:
            places = [(served.log, i) for i in indices if 0 <= i < served.size]
            rows = sorted(snapshot.rows_at(places), key=lambda row: row.idx)
            found = self._openings(snapshot, peer, origin, served.log, rows)
        return [found.get(index, PENDING) for index in indices]

    def _openings(
        self,
        snapshot: ReadSession,
        peer: MemberId,
        origin: Origin,
        log: int,
        rows: Sequence[StatementRow],
    ) -> dict[int, DeliveredOpening]:
        """For each row what the peer gets: present, not for you, erased or pending.

        What this node itself does not hold it cannot judge for the peer: pending.
        """
        trust = self._trust()
        erased = {row.idx: row for row in rows if row.opening == OpeningStatus.ERASED}
        entitled: dict[tuple[int, int | None], bool] = {}
        result = dict.fromkeys((row.idx for row in rows), PENDING)
        readable: set[int] = set()
        if erased:
            result |= _erased(snapshot, log, erased)
        for row in rows:
            if row.opening != OpeningStatus.PRESENT:
                continue
            case = (row.kind, row.audience)
            if case not in entitled:
                audience = None if row.audience is None else snapshot.audience(row.audience)
                entitled[case] = trust.may_receive(peer, origin, row.kind, audience)
            if entitled[case]:
                readable.add(row.idx)
            else:
                result[row.idx] = DeliveredOpening(OpeningStatus.NOT_FOR_US)
        stored = (
            snapshot.openings_between(log, min(readable), max(readable) + 1)
            if readable and max(readable) - min(readable) < MAX_BATCH_LEAVES
            else snapshot.openings(log, sorted(readable))
        )
        wanted = [opening for opening in stored if opening.index in readable]
        for index, opening in self._opened(origin, wanted):
            result[index] = opening
        return result

    def _opened(
        self, origin: Origin, stored: Sequence[StoredOpening]
    ) -> list[tuple[int, DeliveredOpening]]:
        """Open what is stored; one that was changed on the disk is left out."""
        return [
            (sealed.index, DeliveredOpening(OpeningStatus.PRESENT, opening.salt, opening.payload))
            for sealed, opening in self._keyring.held_openings(origin, stored)
        ]


def _erased(
    snapshot: ReadSession, log: int, rows: Mapping[int, StatementRow]
) -> dict[int, DeliveredOpening]:
    """Say of openings erased here by which ERASURE of the same log, where it is known.

    Without one the receiver asks others: our word that it is gone says nothing of them.
    """
    said = snapshot.rows_about([row.statement_id for row in rows.values()])
    by = {act.about: act.idx + 1 for act in said if act.log == log and proves_erasure(act)}
    return {
        index: DeliveredOpening(OpeningStatus.ERASED, erased_by=by.get(row.statement_id, 0))
        for index, row in rows.items()
    }


def _proved_path(
    snapshot: ReadSession, start: int, leaves: Sequence[bytes], served: Served
) -> list[bytes]:
    """Make the path from the end of a batch to the checkpoint, and verify batch and path."""
    end = start + len(leaves)
    nodes = tile_nodes(snapshot, served.log, served.size)
    path = list(consistency_proof(end, served.size, nodes))
    verify_consistency(
        old_size=end,
        new_size=served.size,
        old_root=frontier_at(start, nodes).extend(leaf_hashes(leaves)).root(),
        new_root=peek_checkpoint(served.note).root,
        proof=path,
    )
    return path


@contextmanager
def _damage_named(start: int, end: int) -> Iterator[None]:
    """Raise what does not verify of our own store as its damage."""
    try:
        yield
    except CryptoError as error:
        message = (
            f"leaves from {start} to below {end} as stored do not lead to the signed root "
            f"({error}); they are not served"
        )
        raise CorruptError(message) from error


def fitting(parts: Sequence[bytes]) -> list[bytes]:
    """The first parts that together are not too long for an answer."""
    lengths = itertools.accumulate(map(len, parts))
    return [part for part, total in zip(parts, lengths, strict=True) if total <= ANSWER_BYTES]
