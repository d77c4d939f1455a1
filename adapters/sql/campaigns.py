"""Campaigns 专项治理: the questions of a session, and its changes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select

from adapters.sql import campaign_tables as tables
from adapters.sql.row_questions import RowQuestions
from federation.ports.campaigns import Campaign, KeptEntry


class CampaignQuestions(RowQuestions):
    """`federation.ports.campaigns.CampaignReads` inside a transaction that the store began."""

    def campaigns(self) -> Sequence[Campaign]:
        """See `CampaignReads.campaigns`."""
        columns = [tables.campaigns.c[name] for name in Campaign._fields]
        rows = self._connection.execute(select(*columns).order_by(tables.campaigns.c.campaign))
        return [Campaign(*row) for row in rows]

    def campaign_entries(self, campaign: int) -> Sequence[KeptEntry]:
        """See `CampaignReads.campaign_entries`."""
        c = tables.campaign_entries.c
        columns = [c[name] for name in KeptEntry._fields]
        query = select(*columns).where(c.campaign == campaign).order_by(c.entry)
        return [KeptEntry(*row) for row in self._connection.execute(query)]


class CampaignChanges(CampaignQuestions):
    """`federation.ports.campaigns.CampaignWrites` inside the transaction of the only writer."""

    def add_campaign(self, campaign: Campaign) -> int:
        """See `CampaignWrites.add_campaign`."""
        said = {name: value for name, value in campaign._asdict().items() if name != "campaign"}
        made = self._connection.execute(
            insert(tables.campaigns).values(said).returning(tables.campaigns.c.campaign)
        )
        return int(made.scalar_one())

    def add_entries(self, campaign: int, entries: Sequence[KeptEntry]) -> int:
        """See `CampaignWrites.add_entries`."""
        kept = {one.statement_id for one in self.campaign_entries(campaign)}
        new = {one.statement_id: one for one in entries if one.statement_id not in kept}
        if new:
            rows = [{"campaign": campaign, **one._asdict()} for one in new.values()]
            self._connection.execute(insert(tables.campaign_entries), rows)
        return len(new)
