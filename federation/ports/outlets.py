"""What telling the city's platform needs of a store, beside `federation.ports.store`.

An *outlet* is a place where the platform is told: one of its databases or services, or, under the
empty name, the files. Of each the store keeps which leaves it was told of, in which state, and
which of them are to be told again. Nothing of what a leaf says is kept here: an attacker who
controls it can have a platform told too often or not at all, and reads nothing of a subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from federation.ids import Timestamp
from federation.ports.campaigns import CampaignReads, CampaignWrites
from federation.ports.demands import DemandReads, DemandWrites
from federation.ports.findings import Place
from federation.ports.letters import LetterReads, LetterWrites
from federation.ports.notices import NoticeReads, NoticeWrites


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where the platform is told."""

    outlet: int
    """Number of the outlet in this store."""
    name: str
    """Of the configuration; empty for the files."""
    numbered: int
    """The highest number of a batch that may have been given."""
    compared_at: Timestamp
    """When its control totals were compared last; 0 never."""
    compared: str
    """What that found: JSON, nothing of a subject."""


class Waiting(NamedTuple):
    """A leaf that an outlet is to be told of again."""

    log: int
    idx: int
    later: int
    """0 for relief, which goes first."""
    mark: int
    """Grows each time the leaf is asked for again."""


class Difference(NamedTuple):
    """A leaf of which an outlet has something else than it was told."""

    log: int
    idx: int
    told: int
    """Number of the state it was told; 0 where it was told nothing."""
    found: str
    """The state that it has; empty where it has none."""


class OutletReads(DemandReads, NoticeReads, CampaignReads, LetterReads, Protocol):
    """What was told, and what waits; what this city tells its own subjects, campaigns, letters."""

    def outlets(self) -> Sequence[Outlet]:
        """All outlets that there ever were, by number."""
        ...

    def handed_to(self, outlet: int) -> Mapping[int, int]:
        """How far an outlet was told of each log; logs that are left out: 0."""
        ...

    def handed(self, outlet: int, log: int, indices: Sequence[int]) -> Mapping[int, int]:
        """State (its number) that an outlet was told last of leaves, or may have been (EX10).

        Those that it was never told of are left out.
        """
        ...

    def handed_all(self, outlet: int, log: int) -> Iterator[tuple[int, bytes, int]]:
        """Index, statement id and state told last of all leaves of a log, by index; a stream."""
        ...

    def waiting(self, outlet: int, log: int | None, limit: int) -> Sequence[Waiting]:
        """What an outlet is to be told again of a log, or of all: relief first, then in order."""
        ...

    def count_waiting(self, outlet: int) -> tuple[int, int]:
        """How many leaves an outlet is to be told again: reliefs, and others."""
        ...

    def differences(self, outlet: int, limit: int) -> Sequence[Difference]:
        """What the newest comparison found, by log and index."""
        ...


class OutletWrites(OutletReads, DemandWrites, NoticeWrites, CampaignWrites, LetterWrites, Protocol):
    """The changes."""

    def add_outlet(self, name: str) -> Outlet:
        """Create an outlet, told up to what the files were told; or return the one that exists."""
        ...

    def copy_handed(self, source: int, outlet: int) -> None:
        """Let an outlet without memory count as told of whatever another one was told."""
        ...

    def set_handed_to(self, outlet: int, log: int, index: int) -> None:
        """An outlet was told of a log up to here."""
        ...

    def put_handed(self, outlet: int, log: int, words: Mapping[int, int]) -> None:
        """An outlet was told of leaves in these states."""
        ...

    def put_waiting(self, outlet: int, places: Mapping[Place, bool]) -> None:
        """Ask for leaves to be told to an outlet again; the value says whether it is relief."""
        ...

    def clear_waiting(self, outlet: int, told: Iterable[Waiting]) -> None:
        """They were told; one that was asked for again meanwhile still waits."""
        ...

    def give_numbers(self, outlet: int, count: int) -> int:
        """Take so many numbers of batches, which nobody gets again; the first of them."""
        ...

    def put_compared(
        self, outlet: int, at: Timestamp, compared: str, differences: Sequence[Difference]
    ) -> None:
        """Replace what is known of the comparison of an outlet's control totals."""
        ...
