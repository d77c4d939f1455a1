"""Catalogs and base libraries of tests: everything is recognised, until a test says otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from adapters.catalog.editions import read_edition
from adapters.catalog.library import FILE_NAME, import_library
from federation.ids import Timestamp
from federation.ports.store import Store
from federation.quality.shares import Registered
from federation.reconcile.catalog import Catalog
from federation.reconcile.identity import USCC, BaseSubject, Status
from federation.subject_names import normal_name
from node.reconcile.catalog_book import CatalogBook
from tests.support import charters as build

LIST_TYPES = (
    build.COURT_LIST,
    "judgment-defaulter",
    "major-tax-violation",
    "market-severe-violation",
    "unpaid-migrant-wages",
)
PERSONS = ("张某", "李某")
REGULATION = {"title": "示例省社会信用条例", "passed_by": "示例省人民代表大会常务委员会"}
"""Makes a list of a province's edition: `edition_text(layer="province", regulation=REGULATION)`."""


def edition_text(
    edition: str = "tests-2015",
    *,
    layer: str = "national",
    series: str = "",
    lists: Sequence[str] = LIST_TYPES,
    valid_from: str = "2015-01-01",
    order_from: str | None = "2015-01-01",
    **item: object,
) -> str:
    """An edition that has these list types, each with further fields of an item; None: left out."""
    described = {
        "name": "名单（演示）",
        "basis": "演示条例",
        "term_months": 36,
        "tier": "severe",
        "valid_from": order_from,
        "certainty": "C",
        **item,
    }
    return _dumped(
        {
            "edition": edition,
            "series": series or edition,
            "layer": layer,
            "name": "目录（演示）",
            "valid_from": valid_from,
            "lists": {
                name: {field: value for field, value in described.items() if value is not None}
                for name in lists
            },
        }
    )


def _dumped(document: Mapping[str, object]) -> str:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True)


def measure_text(
    edition: str, code: str, layer: str = "national", *, by_law: bool = False, **measure: object
) -> str:
    """An edition that describes a measure."""
    described = {"name": "措施", "basis": "某法", "certainty": "C", **measure}
    if by_law:
        described["regulation"] = REGULATION
    document = yaml.safe_load(edition_text(edition, layer=layer, lists=[]))
    return _dumped(document | {"measures": {code: described}})


def matter_row(*list_types: str, **row: object) -> dict[str, object]:
    """A row of a matter, as an edition has it: a prompt."""
    return {"list_types": list(list_types), "manner": "提示经办人", **row}


def matter_text(
    edition: str,
    code: str,
    rows: Mapping[str, Mapping[str, object]],
    layer: str = "national",
    **matter: object,
) -> str:
    """An edition that describes a matter."""
    described = {
        "name": "事项（演示）",
        "basis": "某法",
        "objection_suspends": False,
        "certainty": "C",
        **matter,
        "rows": {measure: dict(row) for measure, row in rows.items()},
    }
    document = yaml.safe_load(edition_text(edition, layer=layer, lists=[]))
    return yaml.safe_dump(document | {"matters": {code: described}}, allow_unicode=True)


def trust_text(
    edition: str,
    lists: Mapping[str, Mapping[str, object]],
    methods: Mapping[tuple[str, str], Mapping[str, object]] | None = None,
    layer: str = "national",
) -> str:
    """An edition of lists of the trustworthy, and of methods of grades; None: left out."""
    base: dict[str, object] = {"name": "守信名单（演示）", "basis": "演示条例", "certainty": "C"}
    found: dict[str, dict[str, object]] = {}
    for (method, version), one in (methods or {}).items():
        found.setdefault(method, {})[version] = base | {"scale": ["A", "B", "C"]} | dict(one)
    document = yaml.safe_load(edition_text(edition, layer=layer, lists=[]))
    stated = {
        name: {key: value for key, value in (base | dict(one)).items() if value is not None}
        for name, one in lists.items()
    }
    return _dumped(document | {"trust_lists": stated, "grade_methods": found})


def equivalence(grade: str = "A", own_grade: str = "优", **changed: object) -> dict[str, object]:
    """A row of a table of equivalences; None: left out."""
    row = {
        "method": "tax",
        "edition": "2014",
        "grade": grade,
        "own_method": "own",
        "own_edition": "1",
        "own_grade": own_grade,
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
        **changed,
    }
    return {key: value for key, value in row.items() if value is not None}


def equivalences_text(
    edition: str, rows: Sequence[Mapping[str, object]], layer: str = "city", **said: object
) -> str:
    """An edition that says as which grades those of other methods count."""
    document = yaml.safe_load(edition_text(edition, layer=layer, lists=[]))
    return _dumped(document | {"equivalences": list(rows)} | said)


def catalog_of(*texts: str, confirmed: Sequence[str] = ()) -> Catalog:
    """A catalog of these editions; by default one that has the list types of the tests."""
    return _catalog_of(texts or (_by_default(),), frozenset(confirmed))


@cache
def _by_default() -> str:
    return edition_text()


@cache
def _catalog_of(texts: tuple[str, ...], confirmed: frozenset[str]) -> Catalog:
    return Catalog(map(read_edition, texts), confirmed)


class FixedLibrary:
    """A base library of a few subjects."""

    def __init__(
        self, *subjects: BaseSubject, formerly: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self._subjects = {subject.code: subject for subject in subjects}
        self._formerly = dict(formerly or {})
        self.brought_up: Timestamp | None = Timestamp(build.NOW)

    def by_code(self, scheme: str, codes: Sequence[str]) -> Mapping[str, BaseSubject]:
        """See `BaseLibrary.by_code`."""
        names = {
            code: code
            if scheme == USCC and code in self._subjects
            else self._formerly.get((scheme, code), "")
            for code in codes
        }
        return {
            asked: self._subjects[code] for asked, code in names.items() if code in self._subjects
        }

    def registered(self) -> Iterator[Registered]:
        """See `node.quality.listed.SubjectRegister.registered`."""
        for subject in self._subjects.values():
            if not subject.ceased and subject.status != Status.MOVED:
                yield Registered(subject.code, "")

    def about(self) -> tuple[str, int]:
        """See `node.screening.batch_snapshot.WholeLibrary`; likewise those below."""
        return "", len(self._subjects)

    def everybody(self) -> Iterator[BaseSubject]:
        """All subjects."""
        return iter(self._subjects.values())

    def apart(self) -> Iterator[str]:
        """Codes with another identifier, or a predecessor."""
        yield from self._formerly.values()
        yield from (code for scheme, code in self._formerly if scheme == USCC)
        yield from (one.successor for one in self._subjects.values() if one.successor)

    def normal_names(self) -> Iterator[str]:
        """Normal forms of all names."""
        for subject in self._subjects.values():
            yield from map(normal_name, (subject.name, *subject.former_names))

    def as_of(self) -> Timestamp | None:
        """See `BaseLibrary.as_of`."""
        return self.brought_up

    def by_name(self, normal: str, limit: int) -> Sequence[BaseSubject]:
        """See `BaseLibrary.by_name`."""
        found = [
            subject
            for subject in self._subjects.values()
            if normal in map(normal_name, (subject.name, *subject.former_names))
        ]
        return found[:limit]

    def by_names(self, normals: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """See `node.records.subject_reading.SubjectLibrary`."""
        return {normal: self.by_name(normal, limit) for normal in normals}

    def predecessors(self, codes: Sequence[str], limit: int) -> Mapping[str, Sequence[BaseSubject]]:
        """See `node.records.subject_reading.SubjectLibrary`."""
        found: dict[str, list[BaseSubject]] = {}
        for one in sorted(self._subjects.values(), key=lambda one: one.code):
            if one.successor in codes and len(found.get(one.successor, ())) < limit:
                found.setdefault(one.successor, []).append(one)
        return found

    def former_identifiers(self, codes: Sequence[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
        """See `node.records.subject_reading.SubjectLibrary`."""
        found: dict[str, list[tuple[str, str]]] = {}
        for former, named in sorted(self._formerly.items()):
            if named in codes:
                found.setdefault(named, []).append(former)
        return found


def furnish(
    directory: Path, store: Store, subjects: Sequence[tuple[str, str]], *texts: str
) -> None:
    """Give a node's directory a base library and catalogs, as its people would."""
    book = CatalogBook(store=store, now=lambda: Timestamp(build.NOW))
    for text in texts or (_by_default(),):
        book.adopt(text, PERSONS)
    library = directory / FILE_NAME
    library.unlink(missing_ok=True)
    library.touch(0o600)
    library.write_bytes(_imported(tuple(subjects)))


@cache
def _imported(subjects: tuple[tuple[str, str], ...]) -> bytes:
    """A base library of these subjects: read and checked once, for however many nodes."""
    lines = ["code,name", *(f"{code},{name}" for code, name in subjects)]
    with tempfile.TemporaryDirectory() as name:
        source, library = Path(name) / "library.csv", Path(name) / FILE_NAME
        source.write_text("\n".join(lines), encoding="utf-8")
        import_library(source, library, lambda _: None)
        return library.read_bytes()
