"""All by which a row of a batch may be anything but clear, read once for thousands of rows (BA2).

It is of one moment and of one lookup key: tags of another key would be found nowhere, and everybody
would seem clear. So the key is probed before and after, and after each use of the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.ports.store import Lookup, Store
from federation.reconcile.identity import BaseSubject
from federation.rows import ADVERSE_KINDS
from federation.screening.batches import Rows, Settled, settled
from node.records.attestations import name_tag
from node.system.clock import Clock

_PROBE: Final = b"batch-probe"
_KINDS: Final = tuple(int(kind) for kind in ADVERSE_KINDS)
_TRIES: Final = 3


class WholeLibrary(Protocol):
    """The base library, all of it."""

    def about(self) -> tuple[str, int]:
        """What file it was made of, and of how many subjects."""
        ...

    def everybody(self) -> Iterator[BaseSubject]:
        """All subjects, without the names that changed hands."""
        ...

    def apart(self) -> Iterator[str]:
        """Codes that have another identifier, or that came after another subject."""
        ...

    def normal_names(self) -> Iterator[str]:
        """Normal forms of all names that subjects have or had."""
        ...


class ManyTags(Lookup, Protocol):
    """The node's keyed tags, of many at once."""

    def lookups(self, values: Sequence[bytes], head: bytes) -> list[bytes]:
        """As `lookup`, of each, with `head` before it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was read, and when."""

    settled: Settled
    at: Timestamp
    probe: bytes
    library: tuple[str, int]
    tagger: ManyTags

    def unsettled(self, rows: Rows) -> list[int] | None:
        """Which rows have to be read, by place; None where the key is another: all of them."""
        tagger = self.tagger
        found = self.settled.unsettled(
            rows.codes, rows.names, tagger.lookups, partial(name_tag, tagger)
        )
        return found if tagger.lookup(_PROBE) == self.probe else None


class Snapshots:
    """Reads them; any thread, blocks for some seconds."""

    def __init__(
        self, *, store: Store, library: WholeLibrary, tagger: ManyTags, clock: Clock
    ) -> None:
        """Wire it."""
        self._store = store
        self._library = library
        self._tagger = tagger
        self._clock = clock

    def take(self) -> Snapshot | None:
        """Read one; None while key or library change: then rows are read one by one.

        Raises:
            RefusedError: `check.unready`: rows cannot be found by their subjects yet.
            StoreError: the store.
        """
        for _ in range(_TRIES):
            at, probe = self._clock.now(), self._tagger.lookup(_PROBE)
            library = self._library.about()
            with self._store.read() as session:
                if session.unformed():
                    message = "数据正在更新，请稍后再查 / tags are being formed anew: ask later"
                    raise RefusedError("check.unready", message)
                found = settled(
                    held=session.active_subjects(_KINDS),
                    attested=session.attested_tags(),
                    subjects=self._library.everybody(),
                    apart=self._library.apart(),
                    names=self._library.normal_names(),
                )
            if self._tagger.lookup(_PROBE) == probe and self._library.about() == library:
                return Snapshot(
                    settled=found, at=at, probe=probe, library=library, tagger=self._tagger
                )
        return None
