"""What the city's platform was told and is to be told again, on every database."""

from __future__ import annotations

from dataclasses import replace

from federation.ids import Timestamp
from federation.ports.outlets import Difference
from tests.contracts.examples import ORIGIN, PEER, Database, row, statement_id


def test_an_outlet_begins_where_the_files_are(database: Database) -> None:
    with database.store.write() as session:
        session.add_log(ORIGIN, ours=True)
        log = session.add_log(PEER, ours=False)
        session.set_head(replace(log, size=9, reconciled_to=9, delivered_to=7))
        made = session.add_outlet("city")
        assert session.add_outlet("city") == made
        assert session.outlets()[-1] == made
        assert session.handed_to(made.outlet) == {log.log: 7}
        session.set_handed_to(made.outlet, log.log, 8)
        assert session.handed_to(made.outlet) == {log.log: 8}
        session.set_handed_to(made.outlet, log.log, 300)
        session.set_back(replace(log, size=300), 0)
        assert session.handed_to(made.outlet) == {log.log: 0}


def test_numbers_are_given_once(database: Database) -> None:
    with database.store.write() as session:
        outlet = session.add_outlet("city").outlet
        assert session.give_numbers(outlet, 10) == 1
    with database.store.write() as session:
        assert session.give_numbers(outlet, 1) == 11
        assert session.outlets()[-1].numbered == 11


def test_what_was_told_is_kept_and_replaced(database: Database) -> None:
    with database.store.write() as session:
        one, other = (session.add_outlet(name).outlet for name in ("", "city"))
        session.insert_rows([row(1, index) for index in range(10)])
        session.put_handed(one, 1, {0: 1, 3: 1, 9: 7})
        session.put_handed(one, 1, {3: 4})
        session.put_handed(one, 1, {})
        session.copy_handed(one, other)
        session.put_handed(one, 1, {0: 5})
    with database.store.read() as snapshot:
        assert snapshot.handed(other, 1, [0, 3, 4]) == {0: 1, 3: 4}
        assert snapshot.handed(one, 2, [0]) == {}
        assert list(snapshot.handed_all(one, 1)) == [
            (0, statement_id(1000), 5),
            (3, statement_id(1003), 4),
            (9, statement_id(1009), 7),
        ]


def test_what_waits_goes_relief_first_and_stays_if_asked_for_again(database: Database) -> None:
    with database.store.write() as session:
        outlet = session.add_outlet("city").outlet
        session.put_waiting(outlet, {(1, 5): False, (2, 4): True, (1, 7): False})
        session.put_waiting(outlet, {})
        seen = session.waiting(outlet, None, 10)
        assert [(one.log, one.idx) for one in seen] == [(2, 4), (1, 5), (1, 7)]
        assert [one.idx for one in session.waiting(outlet, 1, 1)] == [5]
        assert session.count_waiting(outlet) == (1, 2)
        session.put_waiting(outlet, {(1, 7): True})
        session.clear_waiting(outlet, seen)
        assert [(one.log, one.idx) for one in session.waiting(outlet, None, 10)] == [(1, 7)]
        assert session.count_waiting(outlet) == (1, 0)
        assert session.count_waiting(outlet + 1) == (0, 0)


def test_a_comparison_replaces_the_one_before(database: Database) -> None:
    first, second = Difference(1, 5, 1, "repaired"), Difference(1, 6, 0, "active")
    with database.store.write() as session:
        outlet = session.add_outlet("city").outlet
        session.put_compared(outlet, Timestamp(7), "{}", [second, first])
        assert session.differences(outlet, 9) == [first, second]
        assert session.differences(outlet, 1) == [first]
        session.put_compared(outlet, Timestamp(8), '{"a": 1}', [])
        assert session.differences(outlet, 9) == []
        known = session.outlets()[-1]
    assert (known.compared_at, known.compared) == (8, '{"a": 1}')
