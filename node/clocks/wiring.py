"""Trusted time, wired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.state.trusted_time import TrustedTimeFile
from federation.ids import MemberId
from node.clocks.trusted_clock import TrustedClock
from node.directory.creation import TRUSTED_TIME_FILE
from node.directory.opened import Opened
from node.system.clock import monotonic
from node.system.schedule import AnyJob, Job

CLOCK_SECONDS: Final = 5


def wire_clocks(opened: Opened, *, others: Callable[[], frozenset[MemberId]]) -> TrustedClock:
    """Build trusted time; `others` are the members whose word on it counts."""
    return TrustedClock(
        file=TrustedTimeFile(opened.config.state_directory / TRUSTED_TIME_FILE),
        others=others,
        wall=opened.clock,
        monotonic=monotonic,
    )


def clock_jobs(trusted: TrustedClock) -> tuple[AnyJob, ...]:
    """Build the job that moves trusted time."""
    return (Job(name="clock", seconds=CLOCK_SECONDS, run=trusted.tick),)
