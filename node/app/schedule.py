"""What a node does again and again: each wing makes its own jobs (`node.system.schedule`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from node.system.schedule import AnyJob


def together(*wings: Iterable[AnyJob]) -> tuple[AnyJob, ...]:
    """Put the jobs of all wings together; each runs in a thread of its own, never twice at once.

    Raises:
        ValueError: two jobs have one name, under which the status tells them.
    """
    jobs = tuple(job for wing in wings for job in wing)
    twice = [name for name, number in Counter(job.name for job in jobs).items() if number > 1]
    if twice:
        message = f"jobs: expected each name once, got {twice} more than once"
        raise ValueError(message)
    return jobs
