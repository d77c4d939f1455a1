"""Logs have turns: relief first, a flood delays nobody, and one that fails stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from federation.ids import Origin
from federation.ports.store import LogHead
from node.log.round_robin import in_turns
from node.system.item_errors import ItemErrors

BATCH = 10
"""Leaves in one step."""


def head(log: int) -> LogHead:
    return LogHead(
        log=log,
        origin=Origin(f"log{log}"),
        ours=False,
        size=0,
        applied_to=0,
        reconciled_to=0,
        delivered_to=0,
        receipted_to=0,
        note=b"",
        note_size=0,
        witnessed_size=0,
        witnessed_root=b"",
        seen=b"",
        forked=False,
    )


class Passing:
    """Logs of so many leaves; a relief at most at one place of each."""

    def __init__(self, sizes: Mapping[int, int], reliefs: Mapping[int, int], bad: int = -1) -> None:
        self.sizes = sizes
        self.reliefs = reliefs
        self.bad = bad
        self.items = ItemErrors()
        self.steps: list[int] = []
        in_turns(self.items, [head(log) for log in sizes], self.step, self.relief_next)

    def relief_next(self, head: LogHead) -> bool:
        place = self.reliefs.get(head.log, -1)
        return head.delivered_to <= place < head.delivered_to + BATCH

    def step(self, head: LogHead) -> LogHead | None:
        if head.log == self.bad:
            raise ValueError(head)
        self.steps.append(head.log)
        end = head.delivered_to + BATCH
        return replace(head, delivered_to=end) if end < self.sizes[head.log] else None


def test_relief_waits_for_no_flood() -> None:
    """Nor does what is behind a flood of reliefs of one origin."""
    flooded = Passing({1: 500, 2: 30, 3: 10}, {2: 25, 3: 5})
    assert flooded.steps[:8] == [3, 1, 2, 1, 2, 2, 1, 1]
    assert flooded.steps.count(1) == 50
    relieving = Passing({1: 500, 2: 30}, dict.fromkeys((1,), 0))
    assert relieving.steps[:6] == [1, 2, 1, 2, 1, 2]


def test_a_log_that_fails_stops_no_other() -> None:
    passing = Passing({1: 500, 2: 30, 3: 10}, {}, bad=1)
    assert passing.steps == [2, 3, 2, 2]
    with pytest.raises(ValueError, match="log1") as caught:
        passing.items.settle()
    assert caught.value.__notes__[0].startswith("1 of 5 failed: log1: ")
