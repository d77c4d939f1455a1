"""A simulated node tells origins what became of their leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future

from federation.ids import Origin
from federation.payloads import Receipt
from federation.reconcile.receipts import ReceiptOutcome
from federation.statements import Kind
from node.log.executed import Executed
from node.log.units import Placed, Unit
from node.reconcile.receipt_job import ReceiptJob
from tests.support.simulation import SimNode

Said = list[tuple[int, str, str]]
"""(index, outcome, reason), in the order in which it was said."""


class InlinePublishing:
    """Publishes units at once, on the thread that asks."""

    def __init__(self, run: Callable[[Unit], list[Placed]]) -> None:
        self._run = run

    def publish(self, unit: Unit) -> Future[list[Placed]]:
        """See `node.log.writer.Writer.publish`."""
        done: Future[list[Placed]] = Future()
        done.set_result(self._run(unit))
        return done


def receipt_job(
    node: SimNode,
    *,
    seconds: int = 0,
    relief_seconds: int = 0,
    run: Callable[[Unit], list[Placed]] | None = None,
    outlets: Collection[str] = (),
) -> ReceiptJob:
    """The job as at the start of the process, by the clock of the federation.

    Args:
        node: who tells.
        seconds: see `ReceiptJob`.
        relief_seconds: likewise.
        run: publishes instead of the node's own.
        outlets: names of those that have to acknowledge.
    """
    return ReceiptJob(
        own=node.origin,
        store=node.store,
        writer=InlinePublishing(run or node.run),
        registry=node.registry,
        trust=node.trust,
        clock=node.clock.now,
        seconds=seconds,
        relief_seconds=relief_seconds,
        failpoints=node.failpoints,
        executed=Executed(outlets),
    )


def receipts_of(node: SimNode) -> list[Receipt]:
    """The receipts in a node's own log."""
    with node.store.read() as session:
        head = session.head(node.origin)
        assert head is not None
        rows = session.rows_between(head.log, 0, head.size)
        told = [row.idx for row in rows if row.kind == Kind.RECEIPT]
        stored = sorted(session.openings(head.log, told), key=lambda one: one.index)
    opened = node.keyring.open_openings(node.origin, stored)
    payloads = [node.payloads.decode(Kind.RECEIPT, opening.payload) for opening in opened]
    return [payload for payload in payloads if isinstance(payload, Receipt)]


def said_of(node: SimNode, origin: Origin) -> Said:
    """What a node's receipts say of the leaves of a log."""
    return [
        (index, ReceiptOutcome(batch.outcome).name.lower(), batch.reason)
        for receipt in receipts_of(node)
        if receipt.origin == origin
        for batch in receipt.batches
        for index in batch.indices
    ]
