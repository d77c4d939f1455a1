"""The erasure job: openings whose ground has ended are erased, log by log."""

from __future__ import annotations

from collections.abc import Callable

from federation.ports.store import Store
from node.log.startup_check import StartupCheck
from node.log.writer import Writer
from node.relief.erasure import Erasures


def erase_job(
    store: Store, erasures: Erasures, writer: Writer, asking: StartupCheck
) -> Callable[[], None]:
    """Erase batch by batch until nothing is due; then let go of the old pages.

    Nothing is erased while ERASURE statements wait for an answer of members.
    """

    def job() -> None:
        erased = False
        while asking.over:
            with store.read() as session:
                if not erasures.due(session):
                    break
            writer.publish(erasures.unit()).result()
            erased = True
        if erased:
            store.truncate()

    return job
