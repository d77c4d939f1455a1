"""The query log as files for auditors: checkpoints, key and tiles (C2SP tlog-tiles), no content.

key                  the log's verifier key
checkpoint           the newest signed checkpoint
checkpoints/SIZE     those that other members cosigned
tile/…               hash tiles and entry tiles; an entry is a leaf of 76 bytes
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.sql.query_logs import QueryTiles, query_log_head, query_notes_of
from adapters.sql.query_store import QueryStore
from crypto.keys import VerifierKey
from crypto.merkle import HASH_SIZE
from crypto.tiles import (
    entry_tiles_for_size,
    format_entry_tile,
    parse_entry_tile,
    tile_path,
    tiles_for_size,
)
from federation.errors import RefusedError
from federation.ids import Origin
from node.access.query_log import epoch_of
from node.log.tiles import ENTRIES


def exported(store: QueryStore, key: VerifierKey) -> Iterator[tuple[str, bytes]]:
    """The files of the log up to its newest checkpoint, by their paths, in one snapshot.

    Raises:
        RefusedError: `queries.unsigned`: there is no checkpoint yet.
        StoreError: the query store.
    """
    with store.read() as reads:
        epoch = epoch_of(Origin(key.name))
        head = query_log_head(reads, epoch)
        if head is None or not head.note:
            raise RefusedError("queries.unsigned", "the query log has no checkpoint yet")
        yield "key", f"{key}\n".encode()
        yield "checkpoint", head.note
        for size, _, note in query_notes_of(reads, epoch):
            yield f"checkpoints/{size}", note
        tiles = QueryTiles(reads)
        for level, n, width in tiles_for_size(head.note_size):
            (data,) = tiles.tiles(epoch, level, [n])
            yield tile_path(level, n, width), data[: width * HASH_SIZE]
        for n, width in entry_tiles_for_size(head.note_size):
            (data,) = tiles.tiles(epoch, ENTRIES, [n])
            entries = parse_entry_tile(data)[:width]
            yield tile_path("entries", n, width), format_entry_tile(entries)
