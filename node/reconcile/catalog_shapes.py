"""Entries of catalogs as `huxin catalog` shows them, and what differs between two editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from federation.ids import Date
from federation.names import SUBJECT_KINDS, TIERS
from federation.reconcile.catalog import FOR_EVER, Catalog, Edition, ListItem, Measure
from federation.reconcile.equivalences import equivalences_shown
from federation.reconcile.matters import (
    MatterRow,
    described_matter,
    matter_codes,
    matter_to_json,
)
from federation.reconcile.obligations import Deadline
from federation.reconcile.registers import CodeRow
from federation.reconcile.trust_lists import (
    GradeMethod,
    grade_scale,
    methods_of,
    trust_lists,
)


def about(edition: Edition) -> dict[str, Any]:
    """An edition, without its entries."""
    return {
        "edition": edition.id,
        "series": edition.series,
        "layer": edition.layer.value,
        "name": edition.name,
        "valid_from": edition.valid_from,
        "valid_to": None if edition.valid_to == FOR_EVER else edition.valid_to,
    }


def item_shown(item: ListItem) -> dict[str, Any]:
    """A list type."""
    return {
        "list_type": item.list_type,
        "name": item.name,
        "basis": item.basis,
        "basis_rank": rank(item),
        "authority": item.authority,
        "authorities": None if item.authorities is None else sorted(item.authorities),
        "subjects": [SUBJECT_KINDS.name(kind) for kind in sorted(item.subjects)],
        "tier": TIERS.name(item.tier),
        "shortest_months": item.shortest_months,
        "longest_months": item.longest_months,
        "term_months": item.term_months,
        "early_exit": item.early_exit,
        "department": item.department,
        "struck": item.struck,
        "valid_from": item.valid_from,
        "valid_until": None if item.valid_until == FOR_EVER else item.valid_until,
        "regulation": None if item.regulation is None else asdict(item.regulation),
        "certainty": item.certainty.value,
        "source": item.source,
    }


def rank(entry: ListItem | Measure) -> str:
    """The rank of a basis; empty where the edition does not say."""
    return entry.basis_rank.value if entry.basis_rank else ""


def measure_shown(edition: Edition, measure: Measure) -> dict[str, Any]:
    """A measure, as one edition describes it."""
    return {
        "code": measure.code,
        "name": measure.name,
        "measure_class": measure.measure_class,
        "targets": measure.targets,
        "means": measure.means,
        "implementer": measure.implementer,
        "basis": measure.basis,
        "article": measure.article,
        "basis_rank": rank(measure),
        "makes": edition.makes(measure),
        "valid_from": max(measure.valid_from, edition.valid_from),
        "valid_until": None if measure.valid_until == FOR_EVER else measure.valid_until,
        "certainty": measure.certainty.value,
        "source": measure.source,
        "edition": edition.id,
    }


def code_row_shown(edition: Edition, row: CodeRow, *, confirmed: bool) -> dict[str, Any]:
    """A code of an authority or a region, as one edition has it."""
    return {
        "code": row.code,
        "name": row.name,
        "former_names": list(row.former_names),
        "valid_from": row.valid_from or None,
        "valid_until": None if row.valid_until == FOR_EVER else row.valid_until,
        "successors": list(row.successors),
        "basis": row.basis,
        "confirmed": confirmed,
        "certainty": row.certainty.value,
        "source": row.source,
        "edition": edition.id,
    }


def matters_shown(catalog: Catalog, day: Date) -> list[dict[str, Any]]:
    """The matters of editions in force on a day, confirmed or not."""
    found = (described_matter(catalog, code, day) for code in matter_codes(catalog, day))
    return [matter_to_json(one, catalog, day) for one in found if one is not None]


def _named_rows(edition: Edition) -> dict[str, MatterRow]:
    rows = ((matter.code, row) for matter in edition.matters.values() for row in matter.rows)
    return {f"{code}/{row.measure}": row for code, row in rows}


def _named(edition: Edition) -> dict[str, Deadline]:
    return {row.name: row for row in edition.deadlines.values()}


def _methods(edition: Edition) -> dict[str, GradeMethod]:
    return {f"{one.method}/{one.edition}": one for one in edition.grade_methods.values()}


def _equivalences(edition: Edition) -> dict[str, object]:
    return {f"{one.name} ({one.valid_from}–{one.valid_until})": one for one in edition.equivalences}


def equivalences_json(catalog: Catalog, day: Date) -> list[dict[str, Any]]:
    """The equivalences of grades that count on a day."""
    return [
        {
            **asdict(one.equivalence),
            "valid_from": one.valid_from,
            "valid_until": one.valid_until,
            "lowers": lowers,
            "catalog_edition": edition.id,
        }
        for edition, one, lowers in equivalences_shown(catalog, day)
    ]


def trust_shown(catalog: Catalog, day: Date) -> dict[str, list[dict[str, Any]]]:
    """Lists of the trustworthy and methods of grades in force on a day, confirmed or not."""
    return {
        "trust_lists": [
            {
                "list_type": item.list_type,
                "name": item.name,
                "basis": item.basis,
                "authority": item.authority,
                "authorities": None if item.authorities is None else sorted(item.authorities),
                "subjects": [SUBJECT_KINDS.name(kind) for kind in sorted(item.subjects)],
                "method": item.method,
                "longest_months": item.longest_months,
                "term_months": item.term_months,
                "valid_from": item.valid_from,
                "valid_until": None if item.valid_until == FOR_EVER else item.valid_until,
                "within": within,
                "confirmed": confirmed,
                "editions": list(editions),
                "source": item.source,
            }
            for item, within, confirmed, editions in trust_lists(catalog, day)
        ],
        "grade_methods": [
            {
                "method": one.method,
                "method_edition": one.edition,
                "name": one.name,
                "basis": one.basis,
                "authority": one.authority,
                "scale": list(one.scale),
                "valid_from": one.valid_from,
                "valid_until": None if one.valid_until == FOR_EVER else one.valid_until,
                "confirmed": confirmed,
                "known": grade_scale(catalog, one.method, one.edition, day) is not None,
                "certainty": one.certainty.value,
                "edition": edition.id,
                "source": one.source,
            }
            for edition, one, confirmed in methods_of(catalog, day)
        ],
        "equivalences": equivalences_json(catalog, day),
    }


def differences(old: Edition | None, new: Edition) -> list[dict[str, Any]]:
    """Entries that came, went or changed; nothing of those that stayed."""
    result: list[dict[str, Any]] = []
    sorts: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("list", {} if old is None else old.lists, new.lists),
        ("measure", {} if old is None else old.measures, new.measures),
        ("deadline", {} if old is None else _named(old), _named(new)),
        ("authority", {} if old is None else old.authorities, new.authorities),
        ("region", {} if old is None else old.regions, new.regions),
        ("matter", {} if old is None else old.matters, new.matters),
        ("trust-list", {} if old is None else old.trust_lists, new.trust_lists),
        ("grade-method", {} if old is None else _methods(old), _methods(new)),
        ("equivalence", {} if old is None else _equivalences(old), _equivalences(new)),
        ("matter-row", {} if old is None else _named_rows(old), _named_rows(new)),
    )
    for sort, before, after in sorts:
        for code in sorted(before.keys() | after.keys()):
            was, now = before.get(code), after.get(code)
            if was != now:
                change = "added" if was is None else "removed" if now is None else "changed"
                # A deadline is called by its obligation, which is the code.
                name = "" if sort == "deadline" else getattr(now or was, "name", "")
                result.append({"sort": sort, "code": code, "change": change, "name": name})
    return result
