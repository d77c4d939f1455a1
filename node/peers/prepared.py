"""Batches that were checked before they are stored, and runs of them that one transaction stores.

A commit costs the more the fewer rows it has: each random page that two batches change is written
twice if they are committed apart. Batches that wait for the writer are therefore stored together
where that is the same as storing one after the other: they follow each other in one log, lead to
the same checkpoint, and were read by the same charters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from federation.ids import Origin
from federation.peers.replication import DeliveredBatch, LinkedBatch
from node.log.ledger import Prepared

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBatch:
    """A delivered batch with the work on it that needs no store; see `Mirrors.prepare`."""

    batch: DeliveredBatch
    linked: LinkedBatch
    statements: Prepared

    @property
    def origin(self) -> Origin:
        """The log."""
        return self.batch.origin

    @property
    def checkpoint(self) -> bytes:
        """The checkpoint to which it leads."""
        return self.batch.checkpoint

    def leads_to(self, later: PreparedBatch) -> bool:
        """Whether a batch goes on where this one ends, under the same checkpoint and charters."""
        return (
            later.origin == self.origin
            and later.batch.checkpoint == self.batch.checkpoint
            and later.linked.holds(self.linked.after, self.linked.log_key)
            and later.statements.trust is self.statements.trust
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRun:
    """Batches, each of which leads to the next."""

    batches: tuple[PreparedBatch, ...]

    @property
    def origin(self) -> Origin:
        """The log."""
        return self.batches[0].origin

    @property
    def checkpoint(self) -> bytes:
        """The checkpoint to which all of them lead."""
        return self.batches[0].checkpoint

    def joined(self) -> PreparedBatch:
        """All of them as one, larger than any that a peer may deliver."""
        first, last = self.batches[0].linked, self.batches[-1].linked
        each = [batch.linked for batch in self.batches]
        read = [batch.statements for batch in self.batches]
        linked = replace(
            last,
            before=first.before,
            leaves=tuple(chain.from_iterable(linked.leaves for linked in each)),
            leaf_hashes=tuple(chain.from_iterable(linked.leaf_hashes for linked in each)),
            openings=tuple(chain.from_iterable(linked.openings for linked in each)),
            misopened=tuple(chain.from_iterable(linked.misopened for linked in each)),
        )
        return PreparedBatch(
            batch=replace(
                self.batches[-1].batch,
                first_index=first.before.size,
                leaves=linked.leaves,
                openings=linked.openings,
            ),
            linked=linked,
            statements=replace(
                read[0],
                examined=list(chain.from_iterable(one.examined for one in read)),
                sealed=list(chain.from_iterable(one.sealed for one in read)),
                misdirected=list(chain.from_iterable(one.misdirected for one in read)),
            ),
        )


def batches_of(
    delivered: DeliveredBatch | PreparedBatch | PreparedRun,
) -> Sequence[DeliveredBatch]:
    """What came, as it was delivered."""
    match delivered:
        case PreparedRun():
            return [one.batch for one in delivered.batches]
        case PreparedBatch():
            return [delivered.batch]
        case _:
            return [delivered]


def in_runs(waiting: Sequence[T]) -> list[T | PreparedRun]:
    """Put batches that lead to one another together; order and everything else stay."""
    result: list[T | PreparedRun] = []
    for item in waiting:
        before = result[-1] if result else None
        if not isinstance(item, PreparedBatch):
            result.append(item)
        elif isinstance(before, PreparedRun) and before.batches[-1].leads_to(item):
            result[-1] = PreparedRun(batches=(*before.batches, item))
        elif isinstance(before, PreparedBatch) and before.leads_to(item):
            result[-1] = PreparedRun(batches=(before, item))
        else:
            result.append(item)
    return result
