"""Replacing the opening key, so that what was erased can be read in no old copy (ADR 0012).

    add a key → seal what lives under it, batch by batch → journal: nothing stands under the old one
    → take the old key from the ring → overwrite the old ring

Each step is durable before the next and a failpoint stands at each. While the ring has more than
one key a rotation is unfinished; it goes on from the beginning of the openings and passes over
what is sealed anew already. Everything that is stored is sealed by the writer thread under the
newest key (`node.log.ledger`), so nothing comes to stand under the old one behind the pass.

The journal's last entry `opening-keys` says between which numbers the openings of *this database*
stand. A database whose openings may stand under keys that the ring has destroyed was restored from
before a rotation: what it cannot read is missing, and peers are asked for it. A ring whose newest
key is older than the journal's is itself an old copy, and the node does not start with it.

While our own log is known to be longer than the database, no key is replaced: the newer database
may lie aside, and what it alone has, reliefs too, could be read no more.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog

from adapters.errors import KeyRingError
from adapters.state.keyring import KeyRing
from crypto.errors import SealError
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.ports.journal import OpeningKeys
from federation.ports.store import ReadSession, Store, StoredOpening, WriteSession
from federation.rows import OpeningStatus
from node.log.ledger import Ledger
from node.log.writer import OnWriter
from node.records.attestations import reseal
from node.system.failpoints import Failpoints

_log = structlog.get_logger()

T = TypeVar("T")

GRACE_SECONDS: Final = 60
"""After a rotation, readers may still open with the old key what they had in hand."""
BATCH: Final = 1024
"""Openings sealed anew in one transaction: a few milliseconds of the writer's time."""
_DAY: Final = 86_400
_START: Final = (-1, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How a rotation ended."""

    number: int
    """Of the key under which everything stands now."""
    sealed: int
    """Openings sealed anew."""
    lost: int
    """Openings that could not be read; they are asked of peers."""


class Rotation:
    """Rotates the opening key, by schedule or on request."""

    def __init__(  # noqa: PLR0913 - wired once, in node.upkeep.wiring
        self,
        *,
        store: Store,
        keyring: KeyRing,
        lent_again: Callable[[], None],
        ledger: Ledger,
        on_writer: OnWriter,
        now: Callable[[], Timestamp],
        trusted: Callable[[], Timestamp],
        days: int,
        behind: Callable[[], bool],
        failpoints: Failpoints,
    ) -> None:
        """Wire the job; call `start` before anything is written.

        Args:
            store: the node's.
            keyring: its ring; this class alone changes its opening keys.
            lent_again: called when keys that were lent to workers are to be so no more.
            ledger: reads rows again whose opening was lost.
            on_writer: runs a job on the writer thread.
            now: seconds UTC.
            trusted: trusted time, by which a key comes of age; 0 while none is known.
            days: age at which a key is replaced; 0 for only on request.
            behind: whether our own log is known to be longer than the database.
            failpoints: for the crash tests.
        """
        self._store = store
        self._keyring = keyring
        self._lent_again = lent_again
        self._ledger = ledger
        self._on_writer = on_writer
        self._now = now
        self._trusted = trusted
        self._days = days
        self._behind = behind
        self._failpoints = failpoints
        self._lost: list[tuple[int, int]] = []
        self._escrow_fault = ""
        self._retired_at = Timestamp(0)
        self._turn = threading.Lock()

    def start(self) -> None:
        """Compare ring and database; before the first write of this process.

        Raises:
            KeyRingError: the ring is older than the database.
        """
        self._keyring.shred()
        self._update_escrow()
        numbers = self._keyring.numbers
        with self._store.read() as snapshot:
            oldest, newest = _noted(snapshot)
        if newest > numbers[-1]:
            message = (
                f"the key ring is older than the database: its newest opening key is {numbers[-1]},"
                f" the database has known {newest}; restore the current ring from escrow"
            )
            raise KeyRingError(message)
        if oldest < numbers[0]:
            self._lost = self._let_go(numbers[0])
            _log.warning("database restored", code="openings.lost", openings=len(self._lost))
        if (oldest, newest) != (numbers[0], numbers[-1]):
            self._note(max(oldest, numbers[0]))

    def run(self) -> None:
        """Rotate if a key is due, or finish what was begun."""
        if self._escrow_fault:
            self._update_escrow()
        now = self._now()
        if self._behind():
            return
        if now - self._retired_at >= GRACE_SECONDS:
            self._keyring.forget()
        age = self._trusted() - self._keyring.sealing_since
        if len(self._keyring.numbers) > 1 or (self._days and age >= self._days * _DAY):
            rotated = self.rotate(lambda _: None)
            _log.info("opening key rotated", number=rotated.number, sealed=rotated.sealed)

    def rotate(self, progress: Callable[[int], None]) -> Rotated:
        """Replace the opening key, or finish a rotation that was begun; blocks.

        Args:
            progress: told how many openings are sealed anew.

        Raises:
            RefusedError: `keys.behind`: our own log is longer than the database.
            KeyRingError: the ring cannot be written.
            StoreError: the database failed; the next run goes on.
        """
        if self._behind():
            message = (
                "our own log is longer than this database: no key is destroyed before huxin "
                "recover has refilled it, or the newer database is back"
            )
            raise RefusedError("keys.behind", message)
        with self._turn:
            if len(self._keyring.numbers) == 1:
                self._on_writer(self._add)
            sealed, lost = self._seal_all(progress)
            number = self._keyring.sealing
            with self._failpoints.at("rotate.record"):
                self._on_writer(lambda: self._note(number))
            with self._failpoints.at("rotate.retire"):
                self._on_writer(self._keyring.retire_opening_keys)
            self._lent_again()
            self._retired_at = self._now()
            with self._failpoints.at("rotate.overwrite"):
                self._on_writer(self._keyring.shred)
            self._store.truncate()
            return Rotated(number=number, sealed=sealed, lost=lost)

    def report(self) -> dict[str, Any]:
        """What the status says of the ring; no key."""
        return {
            "opening_key": self._keyring.sealing,
            "age_s": self._now() - self._keyring.sealing_since,
            "rotating": len(self._keyring.numbers) > 1,
            "openings_lost": self._still_lost(),
            "escrow_fault": self._escrow_fault,
        }

    def _update_escrow(self) -> None:
        """Without its escrow a node runs on, and replaces no key."""
        try:
            self._keyring.update_escrow()
            self._escrow_fault = ""
        except KeyRingError as error:
            self._escrow_fault = str(error)
            _log.warning("key ring not in escrow", code="keys.escrow", error=str(error))

    def _add(self) -> None:
        with self._failpoints.at("rotate.add"):
            self._keyring.add_opening_key(self._now())
            self._note(self._keyring.numbers[0])

    def _note(self, oldest: int) -> None:
        noted = OpeningKeys(at=self._now(), oldest=oldest, newest=self._keyring.sealing)
        with self._store.write() as session:
            session.append_journal([noted.entry()])

    def _seal_all(self, progress: Callable[[int], None]) -> tuple[int, int]:
        """Seal everything anew, and look once more before a key is given up."""
        sealed, lost, after = 0, 0, _START
        while True:
            places = self._older(self._keyring.sealing, after)
            if not places and after == _START:
                return sealed, lost
            if not places:
                after = _START
                continue
            after = places[-1]
            more, unread = self._on_writer(lambda places=places: self._seal(places))  # type: ignore[misc]
            sealed, lost = sealed + more, lost + unread
            progress(sealed)

    def _older(self, key: int, after: tuple[int, int]) -> Sequence[tuple[int, int]]:
        with self._store.read() as snapshot:
            return snapshot.sealed_below(key, after, BATCH)

    def _seal(self, places: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Seal the openings that are still held at these places; one transaction."""
        sealed, lost = 0, 0
        with self._failpoints.at("rotate.seal"), self._store.write() as session:
            origins = {head.log: head.origin for head in session.heads()}
            for log, indices in _by_log(places).items():
                anew: list[StoredOpening] = []
                unread: list[int] = []
                for stored in session.openings(log, indices):
                    if (one := self._anew(origins[log], stored)) is None:
                        unread.append(stored.index)
                    else:
                        anew.append(one)
                session.replace_openings(log, anew)
                kept = session.attestations([(log, one.index) for one in anew])
                reseal(session, self._keyring, origins[log], kept.values())
                self._miss(session, origins[log], log, unread)
                sealed, lost = sealed + len(anew), lost + len(unread)
        return sealed, lost

    def _anew(self, origin: Origin, stored: StoredOpening) -> StoredOpening | None:
        try:
            opening = self._keyring.open_opening(origin, stored)
        except (SealError, KeyRingError):
            return None
        return self._keyring.seal_opening(origin, stored.index, opening.salt, opening.payload)

    def _still_lost(self) -> int:
        """How many of those let go are neither back nor known to be erased."""
        if self._lost:
            with self._store.read() as session:
                held = session.rows_at(self._lost)
            self._lost = [
                (row.log, row.idx) for row in held if row.opening == OpeningStatus.PENDING
            ]
        return len(self._lost)

    def _let_go(self, oldest: int) -> list[tuple[int, int]]:
        """Treat as missing what is sealed under keys before `oldest`; returns which."""
        lost: list[tuple[int, int]] = []
        while places := self._older(oldest, _START):
            with self._store.write() as session:
                origins = {head.log: head.origin for head in session.heads()}
                for log, indices in _by_log(places).items():
                    self._miss(session, origins[log], log, indices)
            lost += places
        return lost

    def _miss(
        self, session: WriteSession, origin: Origin, log: int, indices: Sequence[int]
    ) -> None:
        """Delete openings that cannot be read, and have them asked of peers."""
        head = session.head(origin)
        if not indices or head is None:
            return
        session.erase_openings(log, indices)
        rows = session.rows_at([(log, index) for index in indices])
        missing = [row for row in rows if row.opening == OpeningStatus.PRESENT]
        session.replace_rows([row._replace(opening=OpeningStatus.PENDING) for row in missing])
        self._ledger.read_again(session, head, [row.idx for row in missing])


def _noted(session: ReadSession) -> tuple[int, int]:
    """Oldest and newest opening key of the openings in this database, as its journal says."""
    entry = session.last_entry(OpeningKeys.KIND)
    if entry is None:
        return 1, 1
    noted = OpeningKeys.of(entry)
    return noted.oldest, noted.newest


def _by_log(places: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = defaultdict(list)
    for log, index in places:
        grouped[log].append(index)
    return grouped
