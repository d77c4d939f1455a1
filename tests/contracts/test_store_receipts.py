"""What was told of others' leaves and what is to be told of again, on every database."""

from __future__ import annotations

from federation.ports.receipts import Told
from tests.contracts.examples import Database

APPLIED, HELD = Told(2, "record.recognised"), Told(5, "identity.name-mismatch")


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
