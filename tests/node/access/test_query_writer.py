"""`node.access.query_writer`: units in groups, each for itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from adapters.errors import ConflictError, FullError, StoreError
from adapters.sql.query_store import QueryStore, QueryWrites, open_query_store
from federation.errors import RefusedError
from node.access.query_writer import QueryWriter

Noting = Callable[[QueryWrites], str]


@pytest.fixture
def store() -> Iterator[QueryStore]:
    store = open_query_store("sqlite:///:memory:")
    with store.write() as writes:
        writes.connection.execute(text("CREATE TABLE noted (word TEXT PRIMARY KEY)"))
    yield store
    store.close()


def noting(word: str, error: Exception | None = None) -> Noting:
    def unit(writes: QueryWrites) -> str:
        writes.connection.execute(text("INSERT INTO noted VALUES (:word)"), {"word": word})
        if error is not None:
            raise error
        return word

    return unit


def words(store: QueryStore) -> set[str]:
    with store.read() as reads:
        return set(reads.connection.scalars(text("SELECT word FROM noted")))


def grouped(store: QueryStore, units: list[Noting]) -> tuple[list[object], int]:
    """What came of units that all waited while another one was being written; transactions."""
    begun, go = threading.Event(), threading.Event()
    transactions: list[int] = []
    writer = QueryWriter(store)

    def first(writes: QueryWrites) -> None:
        del writes
        begun.set()
        go.wait()

    def counted(unit: Noting) -> Noting:
        def run(writes: QueryWrites) -> str:
            transactions.append(id(writes))
            return unit(writes)

        return run

    writer.submit(first)
    begun.wait()
    waiting = [writer.submit(counted(unit)) for unit in units]
    go.set()
    writer.close()
    return [one.exception() or one.result() for one in waiting], len(set(transactions))


def test_what_waits_goes_into_one_transaction(store: QueryStore) -> None:
    results, transactions = grouped(store, [noting("a"), noting("b"), noting("c")])
    assert (results, transactions) == (["a", "b", "c"], 1)
    assert words(store) == {"a", "b", "c"}


def test_what_one_unit_refuses_or_breaks_is_none_of_the_others(store: QueryStore) -> None:
    refusal = RefusedError("x.y", "no")
    results, _ = grouped(store, [noting("a"), noting("b", refusal), noting("a"), noting("c")])
    assert results[0] == "a"
    assert results[1] is refusal
    assert isinstance(results[2], ConflictError)
    assert results[3] == "c"
    assert words(store) == {"a", "c"}


def test_where_the_database_gave_up_nobody_is_told_that_anything_is_kept(
    store: QueryStore,
) -> None:
    results, _ = grouped(store, [noting("a"), noting("b", FullError("full")), noting("c")])
    assert all(isinstance(result, StoreError) for result in results)
    assert words(store) == set()


def test_trouble_stands_until_something_was_written(store: QueryStore) -> None:
    writer = QueryWriter(store)
    with pytest.raises(FullError):
        writer.submit(noting("a", FullError("full"))).result()
    troubles = [writer.trouble]
    writer.submit(noting("b")).result()
    troubles.append(writer.trouble)
    assert [type(one) for one in troubles] == [FullError, type(None)]
    writer.close()
    with pytest.raises(RuntimeError):
        writer.submit(noting("c"))
