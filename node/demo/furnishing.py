"""Catalogs and base libraries of the demo's nodes, adopted as their people would adopt them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.catalog.editions import starter_editions
from adapters.catalog.library import FILE_NAME, import_library
from adapters.sql import open_store
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
            `catalogs/library.csv` for all, and `catalogs/<region>/library.csv` with what one city's
            registry says differently.
        supplements: those that the node has adopted, of its province and joint ones.
    """
    folder = data / CATALOGS
    own = folder / config.node.region
    texts = [*starter_editions().values()]
    texts += [(folder / f"{name}.yaml").read_text("utf-8") for name in supplements]
    texts += [path.read_text("utf-8") for path in sorted(own.glob("*.yaml"))]
    store = open_store(config.database_url)
    try:
        book = CatalogBook(store=store, now=SystemClock().now)
        for text in texts:
            book.adopt(text, PERSONS)
        book.confirm([entry.item for entry in book.unconfirmed()], PERSONS[0])
    finally:
        store.close()
    joined = config.directory / LIBRARY
    _join([path for path in (folder / LIBRARY, own / LIBRARY) if path.exists()], joined)
    import_library(joined, config.directory / FILE_NAME, lambda _: None)
    joined.unlink()


def _join(libraries: Sequence[Path], joined: Path) -> None:
    """Write libraries as one; of a subject that stands in several the last one counts."""
    columns: dict[str, None] = {}
    subjects: dict[str, dict[str, str]] = {}
    for path in libraries:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            columns |= dict.fromkeys(rows.fieldnames or ())
            subjects |= {row["code"]: row for row in rows}
    with joined.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(subjects.values())
