"""Which subjects are registered here, by base library, catalog and the node's region (NO2, NO3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from hashlib import sha256
from typing import Protocol

from federation.ids import Date
from federation.ports.findings import Place
from federation.reconcile.catalog import Catalog
from federation.reconcile.identity import BaseSubject
from federation.screening.notices import former_regions, is_local
from node.records.subject_codes import Name


class LocalLibrary(Protocol):
    """The base library, as far as it says whose subjects are ours."""

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        """Subjects by code, those that are known."""
        ...

    def about(self) -> tuple[str, int]:
        """Digest of the file that it was made of, and the number of subjects."""
        ...


class LocalSubjects:
    """Says of subjects whether they are registered here; any thread."""

    def __init__(
        self,
        *,
        region: str,
        library: LocalLibrary,
        catalog: Callable[[], Catalog],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `catalog` is that of the moment."""
        self._region = region
        self._library = library
        self._catalog = catalog
        self._today = today
        self._former: tuple[Catalog, Date, frozenset[str]] | None = None

    def basis(self) -> str:
        """By what it is decided, in short: where this changes, all is looked at again."""
        said = (self._region, self._library.about()[0], sorted(self._gone()))
        return sha256(repr(said).encode()).hexdigest()[:16]

    def of(self, subjects: Sequence[Name]) -> Mapping[Name, bool]:
        """Whether each of these subjects is registered here."""
        known, gone = self.known(subjects), self._gone()
        return {
            one: is_local(*one, known.get(one), self._region, gone)
            for one in dict.fromkeys(subjects)
        }

    def elsewhere(
        self, read: Mapping[Place, tuple[Name, BaseSubject | None]]
    ) -> AbstractSet[Place]:
        """Of which listings the subject is not registered here, by what the library said of it."""
        gone, region = self._gone(), self._region
        return {
            place
            for place, ((scheme, code), known) in read.items()
            if not is_local(scheme, code, known, region, gone)
        }

    def known(self, subjects: Sequence[Name]) -> Mapping[Name, BaseSubject]:
        """What the base library says of subjects."""
        codes: dict[str, set[str]] = defaultdict(set)
        for scheme, code in subjects:
            codes[scheme].add(code)
        return {
            (scheme, code): subject
            for scheme, asked in codes.items()
            for code, subject in self._library.by_code(scheme, sorted(asked)).items()
        }

    def _gone(self) -> frozenset[str]:
        """Regions gone that became part of ours; kept while catalog and day are the same."""
        catalog, today = self._catalog(), self._today()
        kept = self._former
        if kept is None or kept[0] is not catalog or kept[1] != today:
            kept = (catalog, today, former_regions(catalog, self._region, today))
            self._former = kept
        return kept[2]
