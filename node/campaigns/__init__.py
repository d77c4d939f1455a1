"""Campaigns 专项治理: ledgers of listings that are to be ended, and how far that has come."""
