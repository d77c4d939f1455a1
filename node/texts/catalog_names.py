"""What codes in conditions are called, by the catalogs of the moment."""

from __future__ import annotations

from collections.abc import Iterable

from federation.ids import Date
from federation.reconcile.catalog import Catalog
from federation.reconcile.trust_lists import methods_of, trust_list
from node.texts.conditions import Names
from node.texts.letters import list_name


def names_of(catalog: Catalog, today: Date) -> Names:
    """Names of lists, methods, measures and regions; confirmed or not, for they are only shown."""
    editions = catalog.in_force(today)

    def list_name(code: str) -> str:
        trusted = trust_list(catalog, code, today)
        if trusted is not None:
            return trusted.item.name
        entry = catalog.entry(code, today)
        return "" if entry is None else entry.item.name

    def method_name(code: str) -> str:
        return _first(one.name for _, one, _ in methods_of(catalog, today) if one.method == code)

    def measure_name(code: str) -> str:
        return _first(e.measures[code].name for e in editions if code in e.measures)

    def region_name(code: str) -> str:
        whole = code.ljust(6, "0")
        return _first(e.regions[whole].name for e in editions if whole in e.regions)

    return Names(lists=list_name, methods=method_name, measures=measure_name, regions=region_name)


def name_of_list(catalog: Catalog, today: Date, code: str) -> str:
    """A list by its name: of the catalog, else as the program knows it, else its code.

    A region's own list 自定名单 has its name in its edition alone.
    """
    return names_of(catalog, today).lists(code) or list_name(code)


def _first(names: Iterable[str]) -> str:
    return next((name for name in names if name), "")
