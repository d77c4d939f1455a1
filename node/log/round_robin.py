"""The order in which a job goes through logs: those with relief first, then all in turn.

A job passes the leaves of a log in order, batch by batch. In each round every log has one batch, so
a flood of one origin, of listings or of reliefs, delays another's by no more than a batch; logs
whose next batch carries relief, or of which relief changed something already passed, have theirs
before the others. Within a log the order is the log's. A log that fails is left for this run
(`node.system.item_errors`):

    in_turns(items, heads, step=deliver_next_batch, relief_next=next_batch_carries_relief)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from federation.ports.store import LogHead, Store
from federation.rows import RELIEF_KINDS
from node.system.item_errors import ItemErrors

ROUNDS_MAX: Final = 64
"""Batches of one log in one run, so that what comes meanwhile has its turn."""


def in_turns(
    items: ItemErrors,
    heads: Sequence[LogHead],
    step: Callable[[LogHead], LogHead | None],
    relief_next: Callable[[LogHead], bool],
    *,
    rounds: int = ROUNDS_MAX,
) -> None:
    """Take steps with logs until none has one left, or for some rounds.

    Args:
        items: guards each step.
        heads: of the logs.
        step: passes one batch of a log; returns the log as it stands then, None at its end.
        relief_next: whether the next step of a log carries relief.
        rounds: at most so many.
    """
    left = list(heads)
    for _ in range(rounds):
        if len(left) > 1:
            left.sort(key=lambda head: not relief_next(head))
        before, left = left, []
        for head in before:
            with items.each(head.origin):
                after = step(head)
                if after is not None:
                    left.append(after)
        if not left:
            return


def carries_relief(store: Store, head: LogHead, start: int, end: int) -> bool:
    """Whether relief is among leaves [start, end), or among what changed before them."""
    with store.read() as session:
        return session.is_urgent(head.log) or any(
            row.kind in RELIEF_KINDS for row in session.rows_between(head.log, start, end)
        )
