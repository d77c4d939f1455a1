"""What an operator does with catalogs and the base library: try, adopt, compare, confirm.

A new edition is tried first: which listings held would be newly recognised, newly refused or held.
Nothing changes by that. With the names of two persons it takes effect, and all listings are judged
anew.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from adapters.catalog.editions import read_edition, starter_editions, starter_names
from adapters.catalog.library import FileLibrary, import_library
from federation.errors import RefusedError, StatementError
from federation.ids import Date
from federation.persons import edition_body
from federation.ports.store import Store
from federation.reconcile.catalog import FOR_EVER, Catalog, Edition, Entry
from federation.reconcile.deadlines import confirmed, due, end, rows
from federation.reconcile.equivalences import DatedEquivalence, Reading, lowers
from federation.reconcile.findings import RULES
from federation.reconcile.obligations import Deadline, Obligation
from federation.reconcile.succession import (
    authority_confirmed,
    authority_rows,
    region_confirmed,
    region_rows,
)
from federation.working_days import WorkingDays
from node.directory.config import FilesSection
from node.log.writer import WriteThread
from node.persons.posts import Posts
from node.reconcile.catalog_book import CatalogBook
from node.reconcile.catalog_shapes import (
    about,
    code_row_shown,
    differences,
    item_shown,
    matters_shown,
    measure_shown,
    rank,
    trust_shown,
)
from node.reconcile.judging import Reconciliation
from node.texts.fields import with_text

T = TypeVar("T")
BATCH: Final = 1024
YEARS: Final = range(1949, 3000)
SHOWN: Final = 20
"""Statements named for each change of a dry run."""
ENDS_SOON_DAYS: Final = 100
"""An edition is named when so few of the calendar's hundred-days are left (YYYYMMDD apart)."""


class CatalogDesk:
    """Answers `huxin catalog`; any thread, blocks."""

    def __init__(  # noqa: PLR0913 - wired once, in node.reconcile.wiring
        self,
        *,
        store: Store,
        writer: WriteThread,
        book: CatalogBook,
        reconciliation: Reconciliation,
        library: FileLibrary,
        library_path: Path,
        files: FilesSection,
        posts: Posts,
        working_days: Callable[[], WorkingDays],
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `files` binds the sources that are shown beside the lists."""
        self._files = files
        self._posts = posts
        self._store = store
        self._writer = writer
        self._book = book
        self._reconciliation = reconciliation
        self._library = library
        self._library_path = library_path
        self._working_days = working_days
        self._today = today

    @property
    def signed(self) -> bool:
        """Whether persons sign what is adopted and confirmed: the node names them with keys."""
        return self._book.signed

    def take(
        self,
        text: str,
        persons: Sequence[str],
        progress: Callable[[int], None],
        note: str = "",
        *,
        shown: str = "",
    ) -> dict[str, Any]:
        """Try an edition, or let it take effect.

        Args:
            text: YAML, or the id of a starter edition.
            persons: none for a dry run; two for it to take effect.
            progress: told how many listings were judged by it.
            note: their signed word, where the node names its persons.
            shown: `shown` of the try that they saw; may be empty (V10).

        Returns:
            The edition, what differs from the one in its place, and what would change.

        Raises:
            RefusedError: `catalog.…`, `person.…`, `seen.changed`.
        """
        now = self._book.in_force()
        text = starter_editions().get(text.strip(), text)
        edition, catalog = self._book.with_edition(text)
        before = self._before(edition)
        result = {
            **about(edition),
            "differences": differences(before, edition),
            "changes": self._changes(catalog, progress),
            "readings": self._readings(edition, catalog) if edition.equivalences else [],
            "body": edition_body(edition.id, text),
            "shown": now,
            "adopted": False,
        }
        if persons:
            self._writer.submit(lambda: self._book.adopt(text, persons, note, shown=shown)).result()
            result["adopted"] = True
        return result

    def show(self, list_type: str, on: int) -> dict[str, Any]:
        """The catalog as of a day.

        Raises:
            RefusedError: `catalog.list-unknown`: this list type is not recognised on that day.
        """
        day = Date(on) if on else self._today()
        catalog = self._book.catalog()
        if list_type:
            entry = catalog.entry(list_type, day)
            if entry is None:
                message = f"{list_type}: no edition in force on {day} recognises it"
                raise RefusedError("catalog.list-unknown", message)
            return self._entry(catalog, entry)
        types = {name for edition in catalog.in_force(day) for name in edition.lists}
        entries = [catalog.entry(name, day) for name in sorted(types)]
        return {
            "on": day,
            "editions": self._adopted(catalog.in_force(day)),
            "lists": [self._entry(catalog, entry) for entry in entries if entry is not None],
            "measures": [
                measure_shown(edition, measure)
                | {"confirmed": catalog.counts(edition, code, measure.certainty)}
                for edition in catalog.in_force(day)
                for code, measure in sorted(edition.measures.items())
                if measure.counts_on(day)
            ],
            "authorities": [
                code_row_shown(edition, row, confirmed=authority_confirmed(catalog, edition, row))
                for edition, row in authority_rows(catalog, day)
            ],
            "regions": [
                code_row_shown(edition, row, confirmed=region_confirmed(catalog, edition, row))
                for edition, row in region_rows(catalog, day)
            ],
            "matters": matters_shown(catalog, day),
            "sources": [
                {"source": name, "name": one.title(name), "list_types": list(one.list_types)}
                for name, one in sorted(self._files.sources.items())
            ],
            **trust_shown(catalog, day),
            "library": self._about_library(),
        }

    def _adopted(self, editions: Iterable[Edition]) -> list[dict[str, Any]]:
        """Editions, with when and by whom they were adopted; the first of the two prepared it."""
        adopted = {one.id: one for one in self._book.adopted()}
        shown = []
        for edition in editions:
            stored = adopted[edition.id]
            names = zip(("prepared", "reviewed"), stored.adopted_by, strict=False)
            handled = [
                {"step": step, "name": name, "at": stored.adopted_at if step == "reviewed" else 0}
                | self._posts.of(name)._asdict()
                for step, name in names
            ]
            shown.append(about(edition) | {"adopted_at": stored.adopted_at, "handled": handled})
        return shown

    def matters(self, on: int) -> dict[str, Any]:
        """The matters of editions in force on a day, confirmed or not.

        Raises:
            StatementError: `request.invalid`: no day of the calendar.
        """
        day = _day(on) if on else self._today()
        return {"on": day, "matters": matters_shown(self._book.catalog(), day)}

    def deadlines(self, on: int) -> dict[str, Any]:
        """The rows in force on a day, and until when is due what begins on it.

        Raises:
            RefusedError: `working-days.invalid`.
            StatementError: `request.invalid`: no day of the calendar.
        """
        day = _day(on) if on else self._today()
        catalog, days = self._book.catalog(), self._working_days()
        return {
            "on": day,
            "deadlines": [
                {
                    "obligation": row.name,
                    "days": row.days,
                    "unit": row.unit.value,
                    "last": _last(row, day, days),
                    "confirmed": confirmed(catalog, edition, row),
                    "certainty": row.certainty.value,
                    "edition": edition.id,
                    "layer": edition.layer.value,
                    "basis": row.basis,
                    "valid_from": row.valid_from,
                    "valid_until": None if row.valid_until == FOR_EVER else row.valid_until,
                    "source": row.source,
                }
                for edition, row in rows(catalog, day)
            ],
            "due": {
                obligation.value: None if found is None else found.last
                for obligation in Obligation
                for found in [due(obligation, day, catalog, days)]
            },
        }

    def diff(self, old: str, new: str) -> dict[str, Any]:
        """What differs between two editions that were adopted or come with the program.

        Raises:
            RefusedError: `catalog.edition-unknown`.
        """
        return {"differences": differences(self._edition(old), self._edition(new))}

    def check(self) -> dict[str, Any]:
        """What waits for a person, what no law makes, what ends soon, how many each rule holds."""
        today = self._today()
        catalog = self._book.catalog()
        counts: Counter[str] = Counter()
        with self._store.read() as session:
            for found in session.count_findings().values():
                for finding, number in found.items():
                    counts[RULES[finding].code] += number
        return {
            "unconfirmed": [asdict(one) for one in self._book.unconfirmed()],
            "starters": (left := sorted({*starter_names()} - {one.id for one in catalog.editions})),
            "starter_names": {one: starter_names()[one] for one in left},
            "without_ground": [
                {"code": code, "editions": list(editions)}
                for code, editions in catalog.without_ground(today).items()
            ],
            "ending": [
                about(edition)
                for edition in catalog.in_force(today)
                if edition.valid_to != FOR_EVER and edition.valid_to - today < ENDS_SOON_DAYS
            ],
            "findings": dict(sorted(counts.items())),
            "library": self._about_library(),
        }

    def confirm(self, entries: Sequence[str], person: str, note: str) -> None:
        """Keep that a person compared entries with the official text.

        Raises:
            RefusedError: `catalog.item`, `catalog.persons`, `person.…`.
        """
        self._writer.submit(lambda: self._book.confirm(entries, person, note)).result()

    def take_library(
        self, path: Path, progress: Callable[[int], None], *, anyway: bool = False
    ) -> dict[str, Any]:
        """Replace the base library by a table; all listings are judged anew.

        Raises:
            RefusedError: `library.file`, `library.lost`; the one in place stays.
        """
        found = import_library(path, self._library_path, progress, anyway=anyway)
        self._judge_by(self._library.about()[0])
        return {
            "subjects": found.subjects,
            "rows": found.rows,
            "refused_rows": found.left_out,
            "left_out": [
                f"第 {one.row} 行 / row {one.row}: {with_text(one.code)}" for one in found.first
            ],
        }

    def heed_library(self) -> None:
        """Have all judged anew where the library in place is another than all was judged by.

        The library is a file and what was judged by it stands in the database: a crash, or a full
        disk, may come between the two.
        """
        digest, _ = self._library.about()
        if digest != self._book.judged_by:
            self._judge_by(digest)

    def _judge_by(self, digest: str) -> None:
        self._writer.submit(lambda: self._book.judge_by(digest)).result()

    def _about_library(self) -> dict[str, Any]:
        digest, subjects = self._library.about()
        return {"sha256": digest, "subjects": subjects}

    def _before(self, edition: Edition) -> Edition | None:
        """The edition that this one would stand in the place of."""
        earlier = [
            one
            for one in self._book.catalog().editions
            if one.series == edition.series and one.valid_from <= edition.valid_from
        ]
        return earlier[-1] if earlier else None

    def _edition(self, name: str) -> Edition:
        for edition in self._book.catalog().editions:
            if edition.id == name:
                return edition
        if name in starter_editions():
            return read_edition(starter_editions()[name])
        message = f"no edition {name!r} was adopted here; see `huxin catalog show`"
        raise RefusedError("catalog.edition-unknown", message)

    def _changes(self, catalog: Catalog, progress: Callable[[int], None]) -> list[dict[str, Any]]:
        """How the findings of the listings held would change, counted, with some of each."""
        counts: Counter[tuple[int, int]] = Counter()
        shown: dict[tuple[int, int], list[str]] = {}
        judged = 0
        with self._store.read() as session:
            for head in session.heads():
                if head.ours:
                    continue
                for start in range(0, head.applied_to, BATCH):
                    end = min(head.applied_to, start + BATCH)
                    rows = session.rows_between(head.log, start, end)
                    compared = self._reconciliation.compared(session, rows, catalog)
                    ids = {(row.log, row.idx): row.statement_id for row in rows}
                    for place, change in compared.items():
                        if change[0] != change[1]:
                            counts[change] += 1
                            if counts[change] <= SHOWN:
                                shown.setdefault(change, []).append(ids[place].hex())
                    judged += len(compared)
                    progress(judged)
        return [
            {
                "from": RULES[old].code,
                "to": RULES[new].code,
                "outcome": RULES[new].outcome.name.lower(),
                "listings": number,
                "some": shown[old, new],
            }
            for (old, new), number in sorted(counts.items())
        ]

    def _readings(self, edition: Edition, catalog: Catalog) -> list[dict[str, Any]]:
        """As what each equivalence of an edition would read whom: subjects, never their names."""
        held: dict[Reading, set[tuple[str, str]]] = defaultdict(set)
        with self._store.read() as session:
            for head in session.heads():
                for start in range(0, head.applied_to or head.size, BATCH):
                    rows = session.rows_between(head.log, start, start + BATCH)
                    for said, sure in self._reconciliation.awards(session, rows):
                        if sure and said.grade:
                            reading = (said.method, said.edition, said.grade)
                            held[reading].add((said.scheme, said.code))
        today = self._today()
        return [
            {
                "reads": one.name,
                "subjects": len(held.get(_read_by(one), ())),
                "lowers": lowers(one.equivalence, catalog, max(one.valid_from, today)),
                "valid_from": one.valid_from,
                "valid_until": one.valid_until,
            }
            for one in edition.equivalences
        ]

    def _entry(self, catalog: Catalog, entry: Entry) -> dict[str, Any]:
        measures = catalog.measures(entry, self._today())
        return {
            **item_shown(entry.item),
            "ground": entry.ground.name.lower(),
            "confirmed": entry.confirmed,
            "editions": list(entry.editions),
            "measures": [
                {"code": m.code, "name": m.name, "basis": m.basis, "basis_rank": rank(m)}
                for m in measures
            ],
        }


def _day(number: int) -> Date:
    """A day of the calendar, of years of which there may be tables.

    Raises:
        StatementError: `request.invalid`.
    """
    year, month, day = number // 10000, number // 100 % 100, number % 100
    try:
        valid = dt.date(year, month, day).year in YEARS
    except ValueError:
        valid = False
    if not valid:
        message = f"on: expected a day from {YEARS[0]} to {YEARS[-1]} as YYYYMMDD, got {number}"
        raise StatementError("request.invalid", message)
    return Date(number)


def _read_by(one: DatedEquivalence) -> Reading:
    said = one.equivalence
    return said.method, said.edition, said.grade


def _last(row: Deadline, begins: Date, days: WorkingDays) -> Date | None:
    """The last day of one row; None where it is not known."""
    last, known = end(row, begins, days)
    return last if known else None
