"""Derived rows: written and asked for in sets, on every database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from adapters.errors import ConflictError
from federation.ids import Origin
from federation.ports.seeking import BLOCK, Sought
from federation.ports.store import ReadSession, WriteSession
from federation.reconcile.findings import Finding
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from tests.contracts.examples import ORIGIN, Database, row, statement_id

RELIEF = row(
    2,
    0,
    kind=Kind.REPAIR,
    about=statement_id(1001),
    state=State.IN_FORCE,
    names=b"n" * 48,
    rule="relief.record-differs",
    flags=255,
    tag=row(1, 1).tag,
    audience=None,
    list_type="",
    authority="公安局",
    until=2**32 - 1,
)
ROWS = [*(row(1, i) for i in range(5)), RELIEF, row(2, 1, opening=OpeningStatus.PENDING)]


def by_place(rows: Iterable[StatementRow]) -> list[StatementRow]:
    return sorted(rows, key=lambda r: (r.log, r.idx))


@pytest.fixture
def filled(database: Database) -> Database:
    with database.store.write() as session:
        session.insert_rows(ROWS)
        session.insert_rows([])
    return database


def test_rows_come_back_as_they_were_written(filled: Database) -> None:
    with filled.store.read() as snapshot:
        assert snapshot.rows_between(1, 1, 4) == ROWS[1:4]
        assert by_place(snapshot.rows_at([(2, 0), (1, 4), (1, 99)])) == [ROWS[4], RELIEF]
        assert snapshot.rows_at([]) == []


def test_rows_are_found_by_statement_id_in_some_logs_or_all(filled: Database) -> None:
    ids = [statement_id(n) for n in (1002, 2000, 2000, 7777)]
    with filled.store.read() as snapshot:
        assert by_place(snapshot.rows_by_id(None, ids)) == [ROWS[2], RELIEF]
        assert snapshot.rows_by_id([1], ids) == [ROWS[2]]
        assert snapshot.rows_by_id([], ids) == []
        assert snapshot.rows_by_id(None, []) == []


def test_ids_are_found_by_how_they_begin(filled: Database) -> None:
    ids = sorted({one.statement_id for one in ROWS})
    with filled.store.read() as snapshot:
        assert snapshot.ids_from_to(bytes(16), b"\xff" * 16, 99) == ids
        assert snapshot.ids_from_to(ids[1], ids[2], 99) == ids[1:3]
        assert snapshot.ids_from_to(bytes(16), b"\xff" * 16, 2) == ids[:2]
        assert sorted(snapshot.ids_beginning([ids[0][:4]])) == ids
        assert snapshot.ids_beginning([b"\xfe\xff\x00\x01"]) == []
        assert snapshot.ids_beginning([]) == []


def test_rows_are_found_by_what_they_are_about_and_by_record(filled: Database) -> None:
    tags = [tag for r in ROWS[:3] if (tag := r.record_tag)]
    with filled.store.read() as snapshot:
        assert snapshot.rows_about([statement_id(1001), statement_id(5)]) == [RELIEF]
        assert snapshot.rows_by_record(tags, (Kind.REPAIR,)) == [RELIEF]
        assert by_place(snapshot.rows_by_record(tags, (Kind.LISTING,)))[:3] == ROWS[:3]


def test_a_thousand_keys_and_more_are_one_question(database: Database) -> None:
    rows = [row(1, i) for i in range(3000)]
    ids = [r.statement_id for r in rows]
    with database.store.write() as session:
        session.insert_rows(rows)
        for count in (1, 2, 1023, 1024, 1025, 3000):
            assert by_place(session.rows_by_id(None, ids[:count])) == rows[:count]
            places = [(r.log, r.idx) for r in rows[:count]]
            assert by_place(session.rows_at(places)) == rows[:count]


def test_paging_follows_log_and_index(filled: Database) -> None:
    with filled.store.read() as snapshot:
        seen: list[StatementRow] = []
        after: tuple[int, int] | None = None
        while page := snapshot.list_rows(log=None, kinds=None, states=None, after=after, limit=2):
            assert len(page) <= 2
            seen += page
            after = (page[-1].log, page[-1].idx)
    assert seen == ROWS


def test_lists_are_filtered(filled: Database) -> None:
    def listed(session: ReadSession, **changes: Any) -> list[StatementRow]:
        whole: dict[str, Any] = {
            "log": None,
            "kinds": None,
            "states": None,
            "after": None,
            "limit": 100,
        }
        return list(session.list_rows(**whole | changes))

    with filled.store.read() as snapshot:
        assert listed(snapshot, log=2) == ROWS[5:]
        assert listed(snapshot, kinds=[Kind.REPAIR]) == [RELIEF]
        assert listed(snapshot, states=[State.IN_FORCE]) == [RELIEF]
        assert listed(snapshot, kinds=[]) == []
        assert listed(snapshot, log=1, after=(1, 3)) == [ROWS[4]]
        assert listed(snapshot, log=1, subject_tag=ROWS[2].subject_tag) == ROWS[2:4]


SOUGHT_ROWS = [
    row(1, 0),
    row(1, 1, list_type="GSWF"),
    row(1, 2, list_type=""),
    row(1, 3, until=20260101),
    row(1, 4, until=20260101, current=6),
    row(1, 5, until=0),
    row(1, 6, state=State.EXPIRED),
    row(1, 7, state=State.HELD),
    row(1, 8, kind=Kind.PENALTY, state=State.REPAIRED),
]
LISTINGS = (int(Kind.LISTING),)


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (Sought(kinds=LISTINGS), [0, 1, 2, 3, 4, 5, 6, 7]),
        (Sought(kinds=(int(Kind.PENALTY),)), [8]),
        (Sought(kinds=LISTINGS, states=(State.HELD,)), [7]),
        (Sought(kinds=LISTINGS, list_types=("", "GSWF")), [1, 2]),
        (Sought(kinds=LISTINGS, list_types=("GSWF",)), [1]),
        (Sought(kinds=LISTINGS, over=20260601), [3, 4, 6]),
        (Sought(kinds=LISTINGS, lasting=20260601), [0, 1, 2, 4, 5, 6, 7]),
        (Sought(kinds=LISTINGS, found=frozenset({int(Finding.CONFLICT)})), [0, 7]),
        (Sought(kinds=LISTINGS, unfound=frozenset({int(Finding.CONFLICT)})), [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_rows_are_sought_in_a_part_of_a_log(
    database: Database, sought: Sought, expected: list[int]
) -> None:
    with database.store.write() as session:
        session.add_log(ORIGIN, ours=False)
        session.insert_rows(SOUGHT_ROWS)
        session.put_findings({(1, 0): Finding.CONFLICT, (1, 1): Finding.RECOGNISED})
    with database.store.read() as snapshot:
        assert [one.idx for one in snapshot.seek_rows(sought, 1, 0, 99, 99)] == expected
        assert [one.idx for one in snapshot.seek_rows(sought, 1, 0, 99, 1)] == expected[:1]
        part = [one for one in expected if 2 <= one < 6]
        assert [one.idx for one in snapshot.seek_rows(sought, 1, 2, 6, 99)] == part
        assert not snapshot.seek_rows(sought, 2, 0, 99, 99)


def test_of_our_own_log_findings_leave_nothing_out(database: Database) -> None:
    """What speaks against our own listings stands in the catalog, not in the findings."""
    with database.store.write() as session:
        session.add_log(ORIGIN, ours=True)
        session.insert_rows(SOUGHT_ROWS[:2])
        session.put_findings({(1, 0): Finding.CONFLICT})
    conflict = frozenset({int(Finding.CONFLICT)})
    with database.store.read() as snapshot:
        for sought in (
            Sought(kinds=LISTINGS, found=conflict),
            Sought(kinds=LISTINGS, unfound=conflict),
        ):
            assert len(snapshot.seek_rows(sought, 1, 0, 99, 99)) == 2


def test_blocks_are_those_in_which_such_rows_are(database: Database) -> None:
    """Also once rows have changed, and the log was cut within a block."""
    draw = random.Random(1)
    kinds = (Kind.LISTING, Kind.PENALTY, Kind.REPAIR)
    states, lists = (State.ACTIVE, State.REPAIRED), ("", "甲", "乙")

    def sorts() -> dict[str, Any]:
        return {"state": draw.choice(states), "list_type": draw.choice(lists)}

    indices = sorted(draw.sample(range(6 * BLOCK), 30))
    held = {i: row(1, i, kind=draw.choice(kinds), **sorts()) for i in indices}
    with database.store.write() as session:
        log = session.add_log(Origin("a.example/1"), ours=False)
        session.set_head(replace(log, size=6 * BLOCK))
        session.insert_rows([*held.values(), row(2, 7, list_type="丙")])
    for step in ("inserted", "changed", "cut"):
        with database.store.write() as session:
            if step == "changed":
                for index in draw.sample(indices, 15):
                    held[index] = held[index]._replace(**sorts())
                session.replace_rows(list(held.values()))
            elif step == "cut":
                size = 3 * BLOCK + BLOCK // 2 // 256 * 256
                session.set_back(log, size)
                held = {index: one for index, one in held.items() if index < size}
        with database.store.read() as snapshot:
            assert not snapshot.miscounted(1), step
            for kind, state, list_type in product(kinds, (None, *states), (None, *lists)):
                sought = Sought(
                    kinds=(int(kind),),
                    states=None if state is None else (int(state),),
                    list_types=None if list_type is None else (list_type,),
                )
                fitting = [
                    one.idx // BLOCK
                    for one in held.values()
                    if one.kind == kind
                    and state in (None, one.state)
                    and list_type in (None, one.list_type)
                ]
                assert list(snapshot.blocks(sought, 1)) == sorted(set(fitting)), (step, sought)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_what_is_no_listing_is_listed_by_kind_in_the_order_of_places(
    database: Database, limit: int
) -> None:
    draw = random.Random(2)
    kinds = (Kind.LISTING, Kind.REPAIR, Kind.WITHDRAWAL, Kind.RECEIPT)
    rows = [
        row(log, index, kind=draw.choice(kinds), state=draw.choice((State.IN_FORCE, State.HELD)))
        for log in (1, 2)
        for index in range(20)
    ]
    with database.store.write() as session:
        session.insert_rows(rows)
    with database.store.read() as snapshot:
        for asked, log, states in product(
            ([Kind.REPAIR], [Kind.RECEIPT, Kind.REPAIR], [Kind.LISTING, Kind.RECEIPT]),
            (None, 2),
            (None, [State.IN_FORCE]),
        ):
            found: list[StatementRow] = []
            after: tuple[int, int] | None = None
            while page := snapshot.list_rows(
                log=log, kinds=asked, states=states, after=after, limit=limit
            ):
                assert len(page) <= limit
                found += page
                after = (page[-1].log, page[-1].idx)
            assert found == [
                one
                for one in rows
                if one.kind in asked
                and log in (None, one.log)
                and (states is None or one.state in states)
            ]


def test_states_are_counted(filled: Database) -> None:
    with filled.store.read() as snapshot:
        assert snapshot.count_states()[1] == {(Kind.LISTING, State.ACTIVE, ""): 5}
        assert snapshot.count_states()[2] == {
            (Kind.REPAIR, State.IN_FORCE, "relief.record-differs"): 1,
            (Kind.LISTING, State.ACTIVE, ""): 1,
        }
        assert 3 not in snapshot.count_states()


def test_counts_and_header_states_follow_what_becomes_of_rows(database: Database) -> None:
    """Also where a page begins late, is left out, or is cut."""
    store = database.store

    def sound() -> bool:
        with store.read() as snapshot:
            return not any(map(snapshot.miscounted, (1, 2, 3)))

    rows = [row(1, i) for i in (*range(1500, 1600), *range(5000, 5003))]
    rows += [row(2, i, kind=Kind.RECEIPT, state=State.IN_FORCE) for i in range(2000)]
    with store.write() as session:
        log = session.add_log(Origin("a.example/1"), ours=False)
        session.set_head(replace(log, size=5003))
        session.insert_rows(rows)
        assert [len(page) for page in session.header_pages(1)] == [
            0,
            1600 - 1024,
            0,
            0,
            5003 - 4096,
        ]
        assert session.header_pages(2) == []
    assert sound()
    changed = [
        rows[0]._replace(state=State.REPAIRED, rule="relief.direct", header_state=4),
        rows[1]._replace(header_state=5),
        rows[-1]._replace(rule="kind.unknown", state=State.SET_ASIDE),
    ]
    with store.write() as session:
        session.replace_rows(changed)
        assert session.count_states()[1] == {
            (Kind.LISTING, State.ACTIVE, ""): 102,
            (Kind.LISTING, State.REPAIRED, "relief.direct"): 1,
        }
        assert list(session.header_states(1, 1502)) == [(1500, 4), (1501, 5)]
    assert sound()
    with store.write() as session:
        session.set_back(log, 1536)
        assert session.count_states()[1][Kind.LISTING, State.ACTIVE, ""] == 35
        assert len(session.header_pages(1)[-1]) == 512
    assert sound()
    with store.write() as session:
        kept = session.rows_between(2, 0, 2000)
        session.drop_rows()
        assert 2 not in session.count_states()
        assert session.header_pages(1) == []
        session.insert_rows([*rows[:50], *kept])
    assert sound()
    for table, change in (
        ("state_counts", "number = 7"),
        ("block_counts", "block = 9"),
        ("state_pages", "page = 3"),
    ):
        engine = create_engine(database.url)
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET {change} WHERE log = 1"))
        engine.dispose()
        assert not sound()
        with store.write() as session:
            kept = session.rows_between(1, 0, 2000)
            session.set_back(log, 0)
            session.insert_rows(kept)


def test_lists_that_a_peer_invents_are_counted_together_and_found_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block has so many counts at most, whatever its leaves are called (ADR 0057)."""
    monkeypatch.setattr("adapters.sql.tallies.LISTS_MAX", 3)
    store = database.store
    rows = [row(1, i, list_type=f"list-{i}") for i in range(10)]

    def found(list_type: str) -> tuple[list[int], list[int], bool]:
        sought = Sought(kinds=(Kind.LISTING,), list_types=(list_type,))
        with store.read() as session:
            there = session.seek_rows(sought, 1, 0, 20, 20)
            blocks = list(session.blocks(sought, 1))
            return blocks, [one.idx for one in there], session.miscounted(1)

    with store.write() as session:
        session.insert_rows(rows[:5])
    with store.write() as session:
        session.insert_rows(rows[5:])
    engine = create_engine(database.url)
    with engine.connect() as connection:
        asked = text("SELECT count(*) FROM block_counts WHERE number > 0")
        assert connection.execute(asked).scalar_one() == 4
    for i in (0, 2, 3, 9):
        assert found(f"list-{i}") == ([0], [i], False)
    assert found("list-none") == ([0], [], False)
    with store.write() as session:
        session.replace_rows([rows[9]._replace(state=State.REPAIRED)])
    assert found("list-9") == ([0], [9], False)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM block_counts WHERE list_type = 'list-1'"))
    engine.dispose()
    assert found("list-1")[2]


def test_header_states_are_those_of_listings_below_a_size(database: Database) -> None:
    size = 20_000
    with database.store.write() as session:
        session.insert_rows(
            [
                row(1, i, kind=(Kind.LISTING, Kind.COMMENDATION)[i % 2], header_state=1 + i % 5)
                for i in range(size)
            ]
        )
        expected = [(i, 1 + i % 5) for i in range(0, size, 2)]
        assert list(session.header_states(1, size)) == expected
        assert list(session.header_states(1, 9)) == expected[:5]
        assert list(session.header_states(1, 0)) == []


def test_pending_openings_are_found_and_no_longer_once_they_came(filled: Database) -> None:
    late = row(1, 3, opening=OpeningStatus.PENDING)
    with filled.store.write() as session:
        session.replace_rows([late])
        assert list(session.pending(None, 10)) == [(1, 3), (2, 1)]
        assert list(session.pending(None, 1)) == [(1, 3)]
        assert list(session.pending(2, 10)) == [(2, 1)]
        assert list(session.pending(2, 10, 1)) == []
        assert list(session.pending(1, 10, 2)) == [(1, 3)]
        session.replace_rows([late._replace(opening=OpeningStatus.PRESENT)])
        assert list(session.pending(1, 10)) == []


def test_replaced_rows_are_found_by_their_new_tags_only(filled: Database) -> None:
    changed = ROWS[1]._replace(
        tag=b"new tag of a record.....",
        audience=None,
        list_type="更正",
        state=State.REPAIRED,
        rule="r",
        header_state=State.REPAIRED,
        names=b"n",
        current=4,
    )
    with filled.store.write() as session:
        session.replace_rows([changed, RELIEF])
        session.replace_rows([])
        assert session.rows_between(1, 0, 9) == [ROWS[0], changed, *ROWS[2:5]]
        assert session.rows_by_record([b"new tag of a record....."], (Kind.LISTING,)) == [changed]
        assert session.rows_by_record([RELIEF.record_tag or b""], (Kind.LISTING,)) == [ROWS[6]]
        assert session.rows_about([statement_id(1001)]) == [RELIEF]


def test_what_was_found_to_have_no_row_is_found_once_it_has_one(filled: Database) -> None:
    first, changed, retagged = (bytes([n]) * 24 for n in (1, 2, 3))
    new = row(2, 2)._replace(tag=first)
    steps: tuple[tuple[bytes, Callable[[WriteSession], None], StatementRow], ...] = (
        (first, lambda session: session.insert_rows([new]), new),
        (changed, lambda s: s.replace_rows([new._replace(tag=changed)]), new),
        (retagged, lambda session: session.retag({changed: retagged}), new),
    )
    with filled.store.write() as session:
        for tag, change, one in steps:
            assert session.rows_by_record([tag], (Kind.LISTING,)) == []
            assert session.rows_by_record([tag], (Kind.REPAIR,)) == []
            assert session.listings_of([tag]) == []
            change(session)
            assert session.listings_of([tag]) == [(tag, (2, 2))]
            assert session.rows_by_record([tag], (Kind.REPAIR,)) == []
            assert session.rows_by_record([tag], (Kind.LISTING,)) == [one._replace(tag=tag)]


def test_a_leaf_has_one_row(filled: Database) -> None:
    with (
        pytest.raises(ConflictError, match="second node"),
        filled.store.write() as session,
    ):
        session.insert_rows([row(1, 5), row(1, 4)])
    with filled.store.read() as snapshot:
        assert snapshot.rows_between(1, 0, 9) == ROWS[:5]


def test_only_rows_that_exist_are_replaced(filled: Database) -> None:
    with (
        pytest.raises(ConflictError, match="expected 2 rows to replace, found 1"),
        filled.store.write() as session,
    ):
        session.replace_rows([row(1, 4, state=State.REPAIRED), row(1, 5)])
    with filled.store.read() as snapshot:
        assert snapshot.rows_between(1, 0, 9) == ROWS[:5]


def test_what_is_set_aside_relieved_or_expired_is_found(database: Database) -> None:
    rows = [
        row(1, 0, state=State.SET_ASIDE, rule="kind.unknown"),
        row(1, 1, state=State.HELD),
        row(1, 2, state=State.REPAIRED),
        row(1, 3, state=State.WITHDRAWN, opening=OpeningStatus.ERASED),
        row(1, 4, state=State.REPAIRED, kind=Kind.SCENARIO),
        row(1, 5, until=20261231),
        row(1, 6, until=0),
        row(2, 0, state=State.WITHDRAWN, kind=Kind.COMMENDATION),
    ]
    with database.store.write() as session:
        session.insert_rows(rows)
        assert session.set_aside(1) == rows[:2]
        assert session.set_aside(2) == []
        assert session.relieved(10) == [rows[2], rows[7]]
        assert session.relieved(1) == [rows[2]]
        assert session.expired(20270101, (0, 0), 10) == [rows[5]]
        assert session.expired(20261231, (0, 0), 10) == []
        assert list(session.outcomes(2)) == [
            (0, Kind.COMMENDATION, State.WITHDRAWN, OpeningStatus.PRESENT, 20310301)
        ]
        assert [outcome[0] for outcome in session.outcomes(1)] == list(range(7))
        assert list(session.outcomes(3)) == []
