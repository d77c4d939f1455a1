"""The workers of a node; none is started before there is something to read."""

from __future__ import annotations

from adapters.processes import processors
from node.directory.opened import Opened
from node.workers.pool import Workers, worker_count


def wire_workers(opened: Opened) -> Workers:
    """Build the pool; to be closed by who runs the node."""
    return Workers(
        count=worker_count(opened.config.workers.prepare, processors()),
        keys=lambda: opened.keyring.lent,
    )
