"""What was told of others' leaves and what is to be told of again, on every database."""

from __future__ import annotations

from federation.ports.receipts import Heard, Told
from tests.contracts.examples import PEER, Database

APPLIED, HELD = Told(2, "record.recognised"), Told(5, "identity.name-mismatch")


def test_what_was_heard_stays_with_its_first_place_and_goes_with_its_log(
    database: Database,
) -> None:
    first, again = Heard(7, 2, 3, 5), Heard(7, 2, 3, 9)
    other, later = Heard(8, 3, 2, 1), Heard(7, 2, 2, 600)
    with database.store.write() as session:
        head = session.add_log(PEER, ours=False)
        session.put_heard(1, [first, again, other])
        session.put_heard(1, [again, later])
        session.put_heard(1, [])
        session.put_heard_to(head.log, 700)
        session.put_heard_to(head.log, 701)
    with database.store.read() as snapshot:
        assert set(snapshot.heard(1, [7, 8, 9])) == {first, later, other}
        assert list(snapshot.heard(1, [8])) == [other]
        assert list(snapshot.heard(2, [7])) == []
        assert snapshot.heard_to() == {head.log: 701}
    moved = [one._replace(speaker=head.log) for one in (first, later)]
    with database.store.write() as session:
        session.put_heard(4, moved)
        session.set_back(head, 512)
    with database.store.read() as snapshot:
        assert list(snapshot.heard(4, [7])) == moved[:1]
        assert snapshot.heard_to() == {head.log: 512}


def test_what_was_told_is_kept_and_replaced(database: Database) -> None:
    with database.store.write() as session:
        session.put_told(1, {0: HELD, 7: HELD, 9: APPLIED})
        session.put_told(2, {7: APPLIED})
        session.put_told(1, {7: APPLIED})
        session.put_told(1, {})
    with database.store.read() as snapshot:
        assert snapshot.told(1, [0, 1, 7]) == {0: HELD, 7: APPLIED}
        assert snapshot.told(2, [0, 7]) == {7: APPLIED}
        assert snapshot.told(3, [0]) == {}


def test_lifted_stands_beside_erased_and_ends_with_another_word(database: Database) -> None:
    lifted, erased = Told(3, "relief.direct"), Told(4, "relief.direct")
    with database.store.write() as session:
        session.put_told(1, {0: erased, 1: lifted, 2: lifted})
        session.put_told(1, {0: lifted, 1: erased, 2: APPLIED})
    with database.store.read() as snapshot:
        assert snapshot.told(1, [0, 1, 2]) == {0: erased, 1: erased, 2: APPLIED}
        assert snapshot.told_lifted(1, [0, 1, 2]) == {0, 1}


def test_what_is_to_be_told_of_again_stays_until_it_is_cleared(database: Database) -> None:
    with database.store.write() as session:
        session.put_untold({(1, 9): False, (1, 4): False, (2, 4): True})
        session.put_untold({})
    with database.store.read() as snapshot:
        assert snapshot.untold(1, 10) == [4, 9]
        assert snapshot.untold(1, 1) == [4]
        assert not snapshot.is_urgent(1)
        assert snapshot.is_urgent(2)
    with database.store.write() as session:
        session.put_untold({(1, 4): True})
        session.put_untold({(1, 4): False})
        session.clear_untold(2, [4, 5])
    with database.store.read() as snapshot:
        assert snapshot.untold(1, 10) == [4, 9]
        assert snapshot.is_urgent(1)
        assert not snapshot.is_urgent(2)
