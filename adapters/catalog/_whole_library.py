"""All of the base library, read through page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from adapters.catalog._subject_rows import JOIN
from federation.quality.shares import Registered
from federation.reconcile.identity import BaseSubject, Status

_PAGE: Final = 10_000


class WholeLibrary(Protocol):
    """The part of `adapters.catalog.library.FileLibrary` that reads all of it.

    A library that is replaced meanwhile goes on with the subjects of the new one.
    """

    def registered(self) -> Iterator[Registered]:
        """All subjects that have neither ceased nor moved away, by code, with their region.

        The region is empty where the file stated none.
        """
        regions = self._ask("SELECT 1 FROM sqlite_master WHERE name = 'regions'", ())
        region, joined = (
            ("coalesce(r.region, '')", "LEFT JOIN regions r ON r.code = s.code")
            if regions
            else ("''", "")  # made before files stated regions
        )
        query = (
            f"SELECT s.code, {region} FROM subjects s {joined} WHERE s.code > ? "  # noqa: S608
            "AND s.status NOT IN (?, ?) AND s.successor = '' ORDER BY s.code LIMIT ?"
        )
        after = ""
        while rows := self._ask(query, (after, Status.CANCELLED, Status.MOVED, _PAGE)):
            after = rows[-1][0]
            yield from map(Registered._make, rows)

    def everybody(self) -> Iterator[BaseSubject]:
        """All subjects by code, without the names that changed hands."""
        query = (
            "SELECT code, name, former, status, successor FROM subjects WHERE code > ? "
            "ORDER BY code LIMIT ?"
        )
        after = ""
        while rows := self._ask(query, (after, _PAGE)):
            after = rows[-1][0]
            yield from (_subject(*row) for row in rows)

    def apart(self) -> Iterator[str]:
        """Codes that have another identifier, are a former one, or came after another subject."""
        for query in (
            "SELECT DISTINCT code FROM formerly WHERE code > ? ORDER BY code LIMIT ?",
            "SELECT DISTINCT id FROM formerly WHERE scheme = 'uscc' AND id > ? ORDER BY id LIMIT ?",
            "SELECT DISTINCT successor FROM subjects WHERE successor > ? ORDER BY 1 LIMIT ?",
        ):
            yield from self._column(query)

    def normal_names(self) -> Iterator[str]:
        """Normal forms of all names that subjects have or had."""
        return self._column(
            "SELECT DISTINCT normal FROM names WHERE normal > ? ORDER BY normal LIMIT ?"
        )

    def _column(self, query: str) -> Iterator[str]:
        after = ""
        while rows := self._ask(query, (after, _PAGE)):
            after = rows[-1][0]
            yield from (value for (value,) in rows)

    def _ask(self, query: str, values: Sequence[object]) -> list[tuple[str, ...]]: ...


def _subject(code: str, name: str, former: str, status: str, successor: str) -> BaseSubject:
    formerly = tuple(former.split(JOIN)) if former else ()
    return BaseSubject(code, name, formerly, status, successor)
