"""Run a world from its seed in a directory of its own."""

from __future__ import annotations

import logging
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from tests.simulation.remembered import remember
from tests.simulation.world import World

MEMORY = Path("/dev/shm")  # noqa: S108 - directories of its own are made below it
remember()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a seed."""

    seed: int
    trouble: str
    """The broken rule with its traceback; empty where all held."""
    digest: str
    """Of every frame, in order, and of what all databases hold at the end, byte for byte; equal for
    every run of a seed."""
    nodes: int
    faults: int
    statements: int
    checks: int


def run_seed(seed: int, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Run one world; `tell` gets a line for what happens in it. Nothing else is said."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    faults = 0

    def count(line: str) -> None:
        nonlocal faults
        faults += " fault " in line
        tell(line)

    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="huxin-simulation-", dir=memory) as scratch:
        world = World(seed, Path(scratch), count)
        trouble = ""
        try:
            world.run()
        except Exception as error:  # noqa: BLE001 - whatever breaks is what the seed found
            trouble = f"{error}\n{''.join(traceback.format_exception(error))}"
        finally:
            world.close()
        return Outcome(
            seed=seed,
            trouble=trouble,
            digest=world.digest.hexdigest()[:16],
            nodes=len(world.nodes),
            faults=faults,
            statements=sum(len(log) for log in world.model.logs.values()),
            checks=world.invariants.checked,
        )
