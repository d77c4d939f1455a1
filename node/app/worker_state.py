"""What an answer to a check assumes beside what the store holds, and what judges by it in a worker.

The state is numbered: while its parts are the same objects, or equal, it has the same number (CW1).
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.catalog.library import FILE_NAME, FileLibrary
from adapters.sql import open_store
from adapters.state.reading_ring import ReadingKeys, ReadingRing
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.ports.store import Store
from federation.reconcile.catalog import Catalog
from node.charters.view import TrustView
from node.codec import ProtobufPayloads
from node.reconcile.judging import Reconciliation
from node.records.attestations import Attestations
from node.records.coverage import LogCoverage
from node.records.doubts import Doubts
from node.records.records import Records
from node.records.subject_reading import SubjectLibrary, SubjectReading
from node.screening.due_days import DueDays
from node.screening.judging import Judging
from node.screening.worker_desk import MomentClock
from node.system.entropy import token


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What is the same while a node runs.

    Attributes:
        region: of the node.
        directory: of the node, with its base library and tables of working days.
        database: URL of the store.
        stale_after: seconds after which a log's head is stale.
        restored: when the database was last brought back from a backup; 0: never.
    """

    region: str
    directory: Path
    database: str
    stale_after: int
    restored: Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What may become another at any moment.

    Attributes:
        trust: the charters in force.
        catalog: with the editions in force.
        keys: that read.
        refusal: code and text of why nothing, or no listing, is signed; None: it is.
        behind: whether our own log is known to be longer than the database.
        library: of the file of the base library, what tells it from another.
    """

    trust: TrustView
    catalog: Catalog
    keys: ReadingKeys
    refusal: tuple[str, str] | None
    behind: bool
    library: tuple[int, int]

    def parts(self) -> tuple[object, ...]:
        """All of it."""
        return (self.trust, self.catalog, self.keys, self.refusal, self.behind, self.library)


class WorkerStates:
    """Numbers what answers assume; any thread."""

    def __init__(self, fixed: Fixed, assumed: Callable[[], Assumed]) -> None:
        """Take what never changes, and what gives the rest as of now."""
        self._fixed = fixed
        self._assumed = assumed
        self._lock = threading.Lock()
        self._last: Assumed | None = None
        self._number = 0
        self._pickled: tuple[int, bytes] = (0, b"")

    def number(self) -> int:
        """See `node.screening.lane.States`."""
        with self._lock:
            return self._look()

    def pickled(self) -> tuple[int, bytes]:
        """See `node.screening.lane.States`."""
        with self._lock:
            number = self._look()
            if self._pickled[0] != number:
                self._pickled = (number, pickle.dumps((self._fixed, self._last)))
            return self._pickled

    def _look(self) -> int:
        now, last = self._assumed(), self._last
        if last is None or not all(
            one is other or one == other
            for one, other in zip(now.parts(), last.parts(), strict=True)
        ):
            self._last = now
            self._number += 1
        return self._number


class WorkerJudging:
    """What judges in a worker; its store and library are opened with the first state."""

    def __init__(self, opened: Callable[[Fixed], tuple[Store, SubjectLibrary]]) -> None:
        """Take what opens store and library; called once."""
        self._open = opened
        self._lock = threading.Lock()
        self._opened: tuple[Store, SubjectLibrary] | None = None

    def by(self, state: bytes, clock: MomentClock) -> Judging:
        """What judges by a state, by a clock.

        Raises:
            StoreError: the database cannot be opened.
        """
        fixed, assumed = read_state(state)
        store, library = self._held(fixed)
        ring = ReadingRing(assumed.keys)
        refusal = None if assumed.refusal is None else RefusedError(*assumed.refusal)
        doubts = Doubts(
            trust=lambda: assumed.trust,
            now=clock.now,
            stale_after=fixed.stale_after,
            restored=fixed.restored,
            behind=lambda: assumed.behind,
        )
        records = Records(
            store=store,
            keyring=ring,
            payloads=ProtobufPayloads(),
            trust=lambda: assumed.trust,
            today=clock.today,
            doubts=doubts,
            catalog=lambda: assumed.catalog,
        )
        reconciliation = Reconciliation(
            keyring=ring,
            trust=lambda: assumed.trust,
            catalog=lambda: assumed.catalog,
            library=library,
            attestations=Attestations(keyring=ring, trust=lambda: assumed.trust, now=clock.wall),
            today=clock.today,
        )
        reading = SubjectReading(
            records=records,
            judged=reconciliation.findings,
            library=library,
            tagger=ring,
            trust=lambda: assumed.trust,
            refusal=lambda: refusal,
            today=clock.today,
        )
        return Judging(
            region=fixed.region,
            store=store,
            reading=reading,
            coverage=LogCoverage(
                doubts=doubts, trust=lambda: assumed.trust, refusal=lambda: refusal
            ),
            catalog=lambda: assumed.catalog,
            due_on=DueDays(fixed.directory),
            clock=clock,
            token=token,
        )

    def _held(self, fixed: Fixed) -> tuple[Store, SubjectLibrary]:
        with self._lock:
            if self._opened is None:
                self._opened = self._open(fixed)
            return self._opened


def open_to_read(fixed: Fixed) -> tuple[Store, SubjectLibrary]:
    """Open a node's store and base library.

    Raises:
        StoreError: the database cannot be opened.
    """
    return open_store(fixed.database), FileLibrary(fixed.directory / FILE_NAME)


def read_state(state: bytes) -> tuple[Fixed, Assumed]:
    """Read a state; what was pickled comes from the node that started this process."""
    fixed, assumed = pickle.loads(state)  # noqa: S301 - of our own node, over the inherited socket
    return fixed, assumed
