"""Campaigns, their ledgers, and shares by day, on every database."""

from __future__ import annotations

from federation.ids import Date
from federation.ports.campaigns import Campaign, KeptEntry
from federation.ports.shares import DayShare
from tests.contracts.examples import Database, statement_id

SAID = Campaign(0, "甲", "〔2026〕8号", "乙", Date(20261231), Date(20261129))


def test_what_was_entered_stays_as_it_was_first(database: Database) -> None:
    first = KeptEntry(statement_id(1), Date(20261129), "乙")
    second = KeptEntry(statement_id(2), Date(20261130), "")
    with database.store.write() as session:
        one, other = session.add_campaign(SAID), session.add_campaign(SAID)
        assert session.add_entries(one, [first, first]) == 1
        assert session.add_entries(one, [first._replace(unit="丙"), second]) == 1
        assert session.add_entries(other, [second]) == 1
        assert session.add_entries(other, []) == 0
        session.drop_rows()
    with database.store.read() as snapshot:
        assert list(snapshot.campaigns()) == [
            SAID._replace(campaign=one),
            SAID._replace(campaign=other),
        ]
        assert list(snapshot.campaign_entries(one)) == [first, second]
        assert list(snapshot.campaign_entries(other)) == [second]
        assert list(snapshot.campaign_entries(99)) == []


def test_a_day_that_was_counted_stays_as_it_was_counted_first(database: Database) -> None:
    first = DayShare(Date(20261121), "", "", 3, 100)
    with database.store.write() as session:
        session.put_day_shares([first, first._replace(region="510304")])
        session.put_day_shares([first._replace(listed=9)])
        session.put_day_shares([first._replace(day=Date(20261123))])
        session.put_day_shares([])
    with database.store.read() as snapshot:
        assert list(snapshot.day_shares(Date(20261120), Date(20261122))) == [
            first,
            first._replace(region="510304"),
        ]
        assert len(snapshot.day_shares(Date(20261121), Date(20261123))) == 3
