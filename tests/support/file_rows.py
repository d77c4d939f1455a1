"""Rows of list files, in tests."""

from __future__ import annotations

from adapters.files.listings import ListingRow
from federation.payloads import Listing


def listing_of(row: ListingRow) -> Listing:
    """The listing of a row of a list."""
    assert isinstance(row.listing, Listing)
    return row.listing
