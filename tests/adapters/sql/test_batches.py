"""Batches of checks in the query store, on both databases.

Covers adapters/sql/batches.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.errors import ConflictError
from adapters.sql.batches import (
    Counts,
    StoredBatch,
    StoredPart,
    add_batch,
    add_part,
    batch_of,
    close_batch,
    counts_of,
    erase_before,
    match_rows,
    part_of,
    put_match_rows,
    sealed_parts,
    turns_of,
)
from adapters.sql.query_store import QueryStore, open_query_store

BATCH = StoredBatch(
    number="511500-20261129-000000000001",
    asker="k1",
    request_key=b"r" * 16,
    question_tag=b"q" * 16,
    at=1_790_000_000,
    key=1,
    sealed=b"sealed",
)
PART = StoredPart(
    number=BATCH.number,
    part=1,
    turn=0,
    query_id=b"i" * 16,
    at=1_790_000_001,
    asked=4096,
    matches=2,
    insufficient=1,
    refused=3,
    key=1,
    sealed=b"set",
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Iterator[QueryStore]:
    url = "sqlite:///:memory:"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_database")
    store = open_query_store(url)
    yield store
    store.close()


def test_a_batch_with_its_parts_and_matches_is_kept_until_it_is_erased(store: QueryStore) -> None:
    again = replace(PART, turn=1, asked=5, matches=0, insufficient=0, refused=0, at=PART.at + 2)
    with store.write() as writes:
        add_batch(writes, BATCH)
        for part in (PART, again, replace(PART, part=2)):
            assert turns_of(writes, BATCH.number, part.part) == part.turn
            add_part(writes, part)
        put_match_rows(writes, BATCH.number, [(row, f"n{row}") for row in range(600, 0, -1)])
        put_match_rows(writes, BATCH.number, [(2**40, "far"), (7, "n7")])
        put_match_rows(writes, BATCH.number, [])
    with store.read() as reads:
        assert batch_of(reads, BATCH.request_key) == BATCH
        assert batch_of(reads, b"x" * 16) is None
        assert counts_of(reads, BATCH.number) == Counts(4101, 2, 1, 3), "the last turn counts"
        assert counts_of(reads, BATCH.number, but=2) == Counts(5, 0, 0, 0)
        assert counts_of(reads, "x") == Counts(0, 0, 0, 0)
        assert [(one.part, one.turn) for one in sealed_parts(reads)] == [(1, 1), (1, 0), (2, 0)]
        assert next(iter(sealed_parts(reads))) == again
        found: list[tuple[int, str]] = []
        after = -1
        while page := match_rows(reads, BATCH.number, after):
            found += page
            after = page[-1][0]
        assert found == [*((row, f"n{row}") for row in range(1, 601)), (2**40, "far")]
    with store.write() as writes:
        close_batch(writes, BATCH.number, 1_790_000_009)
        assert erase_before(writes, PART.at) == 0, "a part ends as its row of the log"
        assert part_of(writes, BATCH.number, 1, PART.query_id) is not None
        assert part_of(writes, BATCH.number, 1, b"x" * 16) is None
    with store.read() as reads:
        assert batch_of(reads, BATCH.request_key) == replace(BATCH, closed_at=1_790_000_009)
    with store.write() as writes:
        assert erase_before(writes, PART.at + 1) == 2
    with store.read() as reads:
        assert batch_of(reads, BATCH.request_key) is not None, "it has a part still"
    with store.write() as writes:
        assert erase_before(writes, PART.at + 3) == 1
    with store.read() as reads:
        assert batch_of(reads, BATCH.request_key) is None
        assert list(sealed_parts(reads)) == []
        assert match_rows(reads, BATCH.number, -1) == []


def test_two_batches_of_one_request_conflict(store: QueryStore) -> None:
    with store.write() as writes:
        add_batch(writes, BATCH)
    with pytest.raises(ConflictError), store.write() as writes:
        add_batch(writes, replace(BATCH, number="another"))
