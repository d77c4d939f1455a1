"""What reconciliation and the review queue need of a store, beside `federation.ports.store`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.ids import Timestamp
from federation.ports.journal import Decision

Place = tuple[int, int]
"""(log, index) in a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition of a catalog as it was adopted, its text verbatim."""

    id: str
    text: str
    adopted_at: Timestamp
    adopted_by: tuple[str, ...]
    """Names of the two persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttestation:
    """What a subject's region said of a listing's subject 主体核验, sealed like the opening."""

    place: Place
    """Of the listing."""
    as_of: Timestamp
    key: int
    sealed: bytes


class FindingReads(Protocol):
    """What is found out about listings of other cities, and the catalogs by which it was."""

    def findings(self, places: Sequence[Place]) -> dict[Place, int]:
        """Findings of these listings; those that have none are left out."""
        ...

    def held_findings(
        self, after: Place | None, limit: int, findings: Collection[int] | None = None
    ) -> Sequence[tuple[Place, int]]:
        """Listings that are held, in the order (log, index) after a place.

        Args:
            after: that place; None: from the beginning.
            limit: at most so many.
            findings: those for which they are held; None: any.
        """
        ...

    def places_found(
        self, findings: Collection[int], after: Place | None, limit: int
    ) -> Sequence[Place]:
        """Listings with one of these findings that hold, in the order (log, index)."""
        ...

    def attestations(self, places: Sequence[Place]) -> Mapping[Place, StoredAttestation]:
        """What regions said of these listings' subjects; those without are left out."""
        ...

    def attestations_before(
        self, as_of: Timestamp, after: Place | None, limit: int
    ) -> Sequence[Place]:
        """Listings of whose subjects was said as of an earlier time, in the order (log, index)."""
        ...

    def attested_tags(self) -> Iterator[bytes]:
        """Tags of all names by which homes know subjects that are listed; read it as it comes."""
        ...

    def attested_as(self, tags: Sequence[bytes], limit: int) -> Mapping[bytes, Sequence[Place]]:
        """Listings of whose subjects was said, by the tags of their names; by (log, index).

        Args:
            tags: of names; those without a listing are left out.
            limit: of listings of each name.
        """
        ...

    def count_findings(self) -> dict[int, dict[int, int]]:
        """Number of listings for each finding, by log; of all logs in one question."""
        ...

    def findings_between(self, log: int, start: int, end: int) -> dict[int, int]:
        """Findings of the listings of leaves [start, end), by index."""
        ...

    def listings_of(self, record_tags: Sequence[bytes]) -> Sequence[tuple[bytes, Place]]:
        """Record tag and place of every LISTING with one of these record tags, in any order."""
        ...

    def due(self, limit: int) -> Sequence[Place]:
        """Listings that changed since they were reconciled."""
        ...

    def decisions(self, places: Sequence[Place]) -> Mapping[Place, Sequence[Decision]]:
        """Decisions about these listings, the oldest first; those without any are left out."""
        ...

    def all_decisions(self) -> Sequence[Decision]:
        """All decisions, in the order in which they were taken."""
        ...

    def words(self) -> Sequence[str]:
        """Signed words about editions and entries, in the order in which they were kept."""
        ...

    def editions(self) -> Sequence[StoredEdition]:
        """Editions of catalogs adopted, in the order of their adoption."""
        ...

    def confirmations(self) -> Mapping[str, str]:
        """What was confirmed (`edition/code`), and by whom."""
        ...


class FindingWrites(FindingReads, Protocol):
    """The changes."""

    def put_findings(self, findings: Mapping[Place, int]) -> None:
        """Insert or replace findings; `Finding.NONE` deletes."""
        ...

    def put_attestations(self, attestations: Sequence[StoredAttestation]) -> None:
        """Insert or replace what regions said; it is erased with the listing's opening."""
        ...

    def put_attested_names(self, tags: Mapping[Place, bytes]) -> None:
        """Keep tags of names beside what was said of listings' subjects; they end with it."""
        ...

    def put_due(self, places: Sequence[Place]) -> None:
        """Ask for listings to be reconciled again."""
        ...

    def put_copies_due(self) -> None:
        """Ask for every record of several copies to be reconciled again."""
        ...

    def clear_due(self, places: Sequence[Place]) -> None:
        """They have been."""
        ...

    def reconcile_anew(self) -> None:
        """Set every `reconciled_to` to 0: catalog or base library changed. Findings stay."""
        ...

    def drop_findings(self) -> None:
        """Delete all findings and set every `reconciled_to` to 0, for a rebuild."""
        ...

    def put_decision(self, decision: Decision) -> None:
        """Append a decision to the journal."""
        ...

    def put_word(self, at: Timestamp, note: str) -> None:
        """Append a signed word about an edition or entries to the journal."""
        ...

    def put_edition(self, edition: StoredEdition) -> None:
        """Keep an edition; one of the same id is replaced."""
        ...

    def drop_confirmations(self, items: Collection[str]) -> None:
        """Forget that these (`edition/code`) were confirmed."""
        ...

    def put_confirmation(self, item: str, person: str) -> None:
        """Keep that a person confirmed an item."""
        ...
