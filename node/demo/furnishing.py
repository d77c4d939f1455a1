"""Catalogs and base libraries of the demo's nodes, adopted as their people would adopt them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.catalog.editions import starter_editions
from adapters.catalog.library import FILE_NAME, import_library
from adapters.sql import open_store
from federation.reconcile.identity import USCC
from federation.regions import lies_within, registered_in
from node.directory.config import Config
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock

CATALOGS: Final = "catalogs"
LIBRARY: Final = "library.csv"
PERSONS: Final = ("示例人甲", "示例人乙")


def furnish(config: Config, data: Path, supplements: Sequence[str]) -> None:
    """Give a node the national catalogs, supplements, its city's allocation, and a base library.

    Args:
        config: of the node.
        data: the demo's data: `catalogs/<supplement>.yaml`, `catalogs/<region>/*.yaml`,
            and `catalogs/<region>/library.csv` with the firms of a city. A province's hub has those
            of the cities within it.
        supplements: those that the node has adopted, of its province and joint ones.
    """
    folder = data / CATALOGS
    own = folder / config.node.region
    texts = [(folder / f"{name}.yaml").read_text("utf-8") for name in supplements]
    texts += [path.read_text("utf-8") for path in sorted(own.glob("*.yaml"))]
    store = open_store(config.database_url)
    try:
        book = CatalogBook(store=store, now=SystemClock().now)
        # What the nation has is confirmed first: a city's equivalences ask for its scales.
        for adopted in (starter_editions().values(), texts):
            for text in adopted:
                book.adopt(text, PERSONS)
            book.confirm([entry.item for entry in book.unconfirmed()], PERSONS[0])
    finally:
        store.close()
    known = config.directory / LIBRARY
    _gather(folder, config.node.region, known)
    import_library(known, config.directory / FILE_NAME, lambda _: None)
    known.unlink()


def _gather(folder: Path, region: str, known: Path) -> None:
    """Write the base library of a region: its own, or of each city within it that city's firms."""
    subjects: list[dict[str, str]] = []
    for path in sorted(folder.glob(f"*/{LIBRARY}")):
        city = path.parent.name
        if lies_within(city, region):
            subjects += [
                row
                for code, row in read_library(path).items()
                if city == region or lies_within(registered_in(USCC, code), city)
            ]
    with known.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(subjects[0]))
        writer.writeheader()
        writer.writerows(subjects)


def read_library(path: Path) -> dict[str, dict[str, str]]:
    """Rows of a base library by code."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def list_files(folder: Path) -> list[Path]:
    """The files of lists that a city's departments hand in."""
    found = (*folder.glob("*.csv"), *folder.glob("*.xlsx"))
    return sorted(
        path for path in found if path.stem != "reliefs" and not path.name.endswith(".errors.csv")
    )
