"""Catalogs and base libraries of the demo's nodes, adopted as their people would adopt them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.catalog.editions import starter_editions
from adapters.catalog.library import FILE_NAME, import_library
from adapters.sql import open_store
from node.catalog_book import CatalogBook
from node.clock import SystemClock
from node.config import Config

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
    lines = (folder / LIBRARY).read_text("utf-8").splitlines()
    if (own / LIBRARY).exists():
        lines += (own / LIBRARY).read_text("utf-8").splitlines()[1:]
    joined = config.directory / LIBRARY
    joined.write_text("\n".join(lines) + "\n", "utf-8")
    import_library(joined, config.directory / FILE_NAME, lambda _: None)
    joined.unlink()
