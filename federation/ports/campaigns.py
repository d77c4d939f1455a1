"""What campaigns 专项治理 need of a store, beside `federation.ports.store`.

An attacker who controls this can have a campaign count other listings than were entered; of a
subject it holds nothing but the ids of statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from federation.ids import Date
from federation.ports.shares import ShareReads, ShareWrites


class Campaign(NamedTuple):
    """A campaign, as it was opened."""

    campaign: int
    name: str
    document: str
    """Number of the document that opened it."""
    unit: str
    """Who is responsible where an entry does not say."""
    due: Date
    """By when all are to have exited; 0: no day."""
    opened_on: Date


class KeptEntry(NamedTuple):
    """A listing entered into a campaign."""

    statement_id: bytes
    added_on: Date
    unit: str


class CampaignReads(ShareReads, Protocol):
    """The questions; of listed shares by day as well."""

    def campaigns(self) -> Sequence[Campaign]:
        """All campaigns, by number."""
        ...

    def campaign_entries(self, campaign: int) -> Sequence[KeptEntry]:
        """The ledger of a campaign, in the order in which it was entered."""
        ...


class CampaignWrites(CampaignReads, ShareWrites, Protocol):
    """The changes; there is none that takes out."""

    def add_campaign(self, campaign: Campaign) -> int:
        """Keep a new campaign; its number, whatever the argument says."""
        ...

    def add_entries(self, campaign: int, entries: Sequence[KeptEntry]) -> int:
        """Enter listings; those that are there already stay as they are. How many are new."""
        ...
