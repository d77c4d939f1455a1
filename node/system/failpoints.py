"""Durable steps by name: places at which the process can be killed, for the crash tests.

`HUXIN_FAILPOINT=<name>[:before|after][:nth]` in the environment (read by `node.directory.config`)
arms one. The process dies by SIGKILL, as at a power cut of the process: nothing is flushed, no
handler runs. Where traces are recorded, each step is a span of its name (`node.system.tracing`).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from federation.errors import RefusedError
from node.system.tracing import span

NAMES: Final[dict[str, str]] = {
    "publish.commit": "own statements are committed to the database",
    "publish.mark": "the high-water mark advances",
    "mark.sync": "the high-water mark is written and is made durable",
    "mark.swap": "the shared high-water mark takes a step on its server",
    "mark.move": "a mark is written where it comes, ends where it was, or begins where it came",
    "publish.sign": "the checkpoint is signed",
    "publish.note": "the signed note is persisted",
    "publish.show": "the checkpoint is shown to peers",
    "follow.receive": "a proved batch is about to be stored",
    "follow.commit": "a proved batch is committed to the database",
    "follow.cosign": "a complete checkpoint is cosigned and shown",
    "witness.commit": "the witnessed size and root are persisted",
    "checkpoint.head": "the head cosignature is renewed",
    "relief.erase": "openings of ended listings are erased",
    "rotate.add": "a new opening key is added to the key ring",
    "rotate.seal": "openings are sealed anew under the new key",
    "rotate.record": "the journal notes that nothing stands under the old key",
    "rotate.retire": "the old key is taken from the key ring",
    "rotate.overwrite": "the old key ring is overwritten",
    "retag.add": "the next lookup key is added to the key ring",
    "retag.make": "tags under the next lookup key are committed",
    "retag.ready": "it is noted that all tags under the next lookup key are ready",
    "retag.switch": "all keyed values change to the next lookup key",
    "retag.finish": "the next lookup key takes the place of the old one in the key ring",
    "retag.overwrite": "the key ring with the old lookup key is overwritten",
    "feed.commit": "rows of a file and their statements are committed",
    "feed.report": "the errors file is written",
    "reconcile.commit": "findings and the cursor behind them are committed",
    "receipt.commit": "receipts and the cursor behind what they tell are committed",
    "demand.commit": "what an outlet is about to be told is noted as told",
    "ack.commit": "what an outlet acknowledges is kept",
    "outbox.write": "a file is written to the outbox",
    "outbox.cursor": "the delivery cursor advances",
    "batch.record": "a part of a batch of checks and its matches are committed to the query store",
    "batch.close": "it is committed to the query store that a batch of checks is closed",
    "benefit.record": "a question about benefits and its answer are committed to the query store",
    "benefit.said": "it is noted that the use of a benefit stands in our log",
    "benefit.use": "the use of a benefit is committed to the query store",
    "check.record": "a question and its answer are committed to the query store",
    "worker.judge": "a worker judges questions that its node has admitted",
    "worker.answer": "a worker answers questions whose answers its node has kept",
    "watch.open": "a part of a watch that is opened is committed to the query store",
    "watch.read": "a page of a watch is committed to the query store",
    "watch.close": "the end of a watch is committed to the query store",
    "platform.write": "rows are committed in the platform's database",
    "platform.cursor": "the cursor of a platform advances",
    "inbox.take": "rows of a platform's inbox and their statements are committed",
    "queries.record": "rows of the query store are committed",
    "queries.sequence": "leaves are given their places in the query log",
    "queries.mark": "the query log's high-water mark advances",
    "queries.sign": "the query log's checkpoint is signed",
    "queries.show": "the query log's checkpoint is stored and shown",
    "outcome.take": "a department's report of a match is kept",
    "outcome.said": "it is noted that a report stands in our log",
    "outcome.reopen": "matches of listings that ended are reopened",
    "notice.commit": "notices and the cursor behind them are committed",
    "monitor.save": "the state of a monitor is written",
    "inbox.answer": "answers are written beside the rows of a platform's inbox",
}


class Failpoints:
    """The failpoints of one process; unarmed unless a specification is given."""

    def __init__(self, specification: str = "") -> None:
        """Arm a failpoint.

        Raises:
            RefusedError: `failpoint.unknown`: no such failpoint, or not of the form.
        """
        self._name, self._moment, self._left = "", "before", 0
        if not specification:
            return
        name, _, rest = specification.partition(":")
        moment, _, nth = rest.partition(":")
        moment = moment or "before"
        if name not in NAMES or moment not in ("before", "after") or not (nth or "1").isdecimal():
            message = (
                f"HUXIN_FAILPOINT: expected <name>[:before|after][:nth], got {specification!r}; "
                "`huxin failpoints` lists the names"
            )
            raise RefusedError("failpoint.unknown", message)
        self._name, self._moment, self._left = name, moment, int(nth or "1")

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Surround a step; dies before or after it if that is armed."""
        self._hit(name, "before")
        with span(name):
            yield
        self._hit(name, "after")

    def _hit(self, name: str, moment: str) -> None:
        if name not in NAMES:
            raise KeyError(name)
        if name == self._name and moment == self._moment:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
