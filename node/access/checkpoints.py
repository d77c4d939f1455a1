"""The checkpoints of query logs that are kept here, for an audit; no content."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adapters.sql.query_logs import query_checkpoints
from adapters.sql.query_store import open_query_store
from federation.ids import Origin
from node.access.wiring import query_database_url
from node.directory.config import Config

_SQLITE: Final = "sqlite:///"


def held_checkpoints(config: Config) -> list[tuple[Origin, int, bytes]]:
    """Origin, size and note of each, beside a running server; none where nothing was asked yet.

    Raises:
        StoreError: the query store.
    """
    url = query_database_url(config)
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
        return []
    store = open_query_store(url)
    try:
        with store.read() as reads:
            return [(Origin(o), size, note) for o, size, note in query_checkpoints(reads)]
    finally:
        store.close()
