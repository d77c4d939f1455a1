"""Worlds in which nodes tell origins what became of their leaves, and come to rest with it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from federation.reconcile.receipts import TOLD_KINDS
from federation.rows import OpeningStatus, State
from federation.statements import Kind
from node.log.units import Placed, Unit
from tests.simulation.model import Meaning
from tests.simulation.parts import WorldNode
from tests.simulation.world import World
from tests.support.telling import receipt_job, said_of

ROUNDS = 10
TELLING = 0.15
"""Share of the steps at which a node tells; of these a fifth are its last act."""


class TellingWorld(World):
    """A world that tells, by a chance of its own."""

    def __init__(self, seed: int, directory: Path, tell: Callable[[str], None]) -> None:
        super().__init__(seed, directory, tell)
        self.telling = random.Random(f"telling {seed}")
        self.told = 0

    def _step(self, step: int) -> None:
        super()._step(step)
        if self.telling.random() < TELLING:
            node = self.telling.choice(list(self.nodes.values()))
            if self.telling.random() < 0.2:
                moment = self.telling.choice(("before", "after"))
                node.crash_points.armed = ("receipt.commit", moment)
            self.attempt(node, partial(self._tell, node))
            if node.up:
                node.crash_points.armed = None

    def heal(self) -> None:
        """Everybody tells until nothing is left to tell, and all is at rest again."""
        super().heal()
        for _ in range(ROUNDS):
            before = self.told
            for node in self.nodes.values():
                self.attempt(node, partial(self._tell, node))
            self._exchange_all()
            if self.told == before:
                for node in self.nodes.values():
                    check_told(self, node)
                return
        raise AssertionError(f"receipts without end after {ROUNDS} rounds")

    def _tell(self, node: WorldNode) -> None:
        """The jobs that reconcile and tell, as at the start of a process."""
        node.reconcile()
        self.told += receipt_job(node, run=partial(self._run, node)).run()

    def _run(self, node: WorldNode, unit: Unit) -> list[Placed]:
        def drafts(session: Any) -> Any:
            made = unit.drafts(session)
            self.model.meanings |= dict.fromkeys([d.statement_id for d in made], Meaning())
            return made

        try:
            return node.run(replace(unit, drafts=drafts))
        finally:
            self._learn(node)


def check_told(world: World, node: WorldNode) -> None:
    """What a node told is of others, never the same twice in a row, and lifts what ended."""
    for other in world.nodes.values():
        said = sorted(said_of(node, other.origin), key=itemgetter(0))
        if other is node or node.member in world.hubs:
            assert not said, f"{node.member} told of {other.origin}: {said}"
            continue
        log = world.model.logs.get(other.origin, [])
        last: dict[int, str] = {}
        for index, outcomes in groupby(said, key=itemgetter(0)):
            told = [one[1:] for one in outcomes]
            where = f"{node.member} on {other.origin} {index}: {told}"
            assert log[index].kind in TOLD_KINDS, where
            assert all(one != later for one, later in pairwise(told)), where
            last[index] = told[-1][0]
        with node.store.read() as session:
            head = session.head(other.origin)
            rows = [] if head is None else session.rows_between(head.log, 0, head.receipted_to)
        for row in rows:
            ended = row.state in (State.REPAIRED, State.WITHDRAWN)
            if row.kind == Kind.LISTING and ended and row.opening != OpeningStatus.NOT_FOR_US:
                assert last[row.idx] == "lifted", f"{node.member} on {other.origin} {row.idx}"
