"""Listings of others held against our catalog: judged, decided by persons, receipts told."""
