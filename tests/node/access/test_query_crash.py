"""The query log after a kill at each of its failpoints, and over a store that was set back.

What was promised is in the log once, what the log signed it never takes back (QL3, QL4). Covers
node/access/sequencing.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.sql.query_logs import QueryTiles, query_log_head
from crypto.checkpoint import open_checkpoint
from crypto.merkle import frontier_at, leaf_hash
from crypto.tiles import parse_entry_tile
from federation.errors import RefusedError
from node.access.wiring import Queries, wire_queries
from node.directory.keys import load_signer
from node.directory.opened import open_directory
from node.log.tiles import tile_nodes
from node.system.failpoints import NAMES
from tests.support.query_crash_child import IN_ROUND, ROUNDS, entry

ROOT = Path(__file__).parents[3]
CASES = [
    f"{name}:{moment}"
    for name in NAMES
    if name.startswith("queries.")
    for moment in ("before", "after")
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directories of all cases, each as its process left it."""
    root = tmp_path_factory.mktemp("crashed")
    command = [sys.executable, "-m", "tests.support.query_crash_child", str(root), *CASES]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    return root


@contextmanager
def opened(directory: Path) -> Iterator[Queries]:
    node = open_directory(directory)
    queries = wire_queries(node)
    try:
        yield queries
    finally:
        queries.close()
        node.store.close()


def leaves(queries: Queries, directory: Path) -> list[bytes]:
    """What stands in the log, in order, under a checkpoint that holds."""
    with queries.store.read() as reads:
        head = query_log_head(reads, 1)
        assert head is not None
        signed = open_checkpoint(
            head.note, load_signer(directory / "keys" / "queries.key").verifier
        )
        tiles = QueryTiles(reads)
        (data,) = tiles.tiles(1, -1, [0])
        root = frontier_at(head.size, tile_nodes(tiles, 1, head.size)).root()
    assert (signed.checkpoint.size, signed.checkpoint.root) == (head.size, root)
    return parse_entry_tile(data)


def promised(directory: Path) -> list[bytes]:
    lines = (directory / "promises").read_text().splitlines()
    return [bytes.fromhex(line.split()[1]) for line in lines]


@pytest.mark.parametrize("case", CASES)
def test_what_was_promised_is_in_the_log_once(crashed: Path, case: str) -> None:
    directory = crashed / case
    promises = promised(directory)
    assert 0 < len(promises) < ROUNDS * IN_ROUND  # it did die, and not before the second hit
    with opened(directory) as queries:
        before = queries.sequencer.size
        queries.sequencer.run()
        found = leaves(queries, directory)
        queries.writer.submit(lambda writes: queries.log.record(writes, entry(99))).result()
        queries.sequencer.run()
        assert leaves(queries, directory)[: len(found)] == found
    counts = Counter(leaf_hash(leaf) for leaf in found)
    assert set(counts.values()) == {1}
    assert set(promises) <= set(counts)
    assert len(found) <= len(promises) + 1  # a row may be durable whose promise nobody got
    assert before <= len(found)


def test_a_store_behind_its_mark_answers_nobody_and_never_forks(
    crashed: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "node"
    shutil.copytree(crashed / "queries.show:after", directory)
    shutil.copy(directory / "queries.db", tmp_path / "backup.db")
    with opened(directory) as queries:
        queries.writer.submit(lambda writes: queries.log.record(writes, entry(7))).result()
        queries.sequencer.run()
        size = queries.sequencer.size
    for name in ("queries.db-wal", "queries.db-shm"):
        (directory / name).unlink(missing_ok=True)
    newer = (directory / "queries.db").read_bytes()
    shutil.copy(crashed / "node" / "queries.db", directory / "queries.db")
    with opened(directory) as queries:
        with pytest.raises(RefusedError) as caught:
            queries.writer.submit(lambda writes: queries.log.record(writes, entry(8))).result()
        queries.sequencer.run()
        problem = queries.sequencer.report()["problem"]
    assert caught.value.code == "queries.behind" == problem["code"]
    (directory / "queries.db").write_bytes(newer)
    with opened(directory) as queries:
        assert queries.sequencer.refusal is None
        assert queries.sequencer.size == size


def test_a_missing_mark_or_another_root_stops_it_too(crashed: Path, tmp_path: Path) -> None:
    directory = tmp_path / "node"
    shutil.copytree(crashed / "queries.show:after", directory)
    mark = directory / "state" / "queries-high-water-1"
    kept = mark.read_bytes()
    mark.unlink()
    with opened(directory) as queries:
        assert _code(queries) == "queries.mark-missing"
    mark.write_bytes(kept)
    with opened(directory) as queries:
        with queries.store.write() as writes:
            writes.connection.exec_driver_sql(
                "UPDATE query_tiles SET data = randomblob(length(data)) WHERE level = 0"
            )
        queries.sequencer.start()
        assert _code(queries) == "queries.other-root"


def _code(queries: Queries) -> str:
    return "" if queries.sequencer.refusal is None else queries.sequencer.refusal.code
