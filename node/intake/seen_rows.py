"""What each good row of a file leads to, for persons to look at; told while the file is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from federation.payloads import Commendation, Listed
from federation.subject_names import normal_name


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A row, and what it would lead to, or has led to.

    What a row does not say is empty, or 0; `document` and `decided_on` are of what the row says,
    `listing_document` is that of the listing which a relief or annotation is about.
    """

    row: int
    decision: str
    statement_id: str = ""
    """Of the listing that the row is about, or has made; in hexadecimal."""
    act_id: str = ""
    """Of the relief or annotation that it has made, likewise."""
    known: str = ""
    """What the base library calls the code, of a row that waits for its name (F53)."""
    name: str = ""
    code: str = ""
    scheme: str = ""
    list_type: str = ""
    document: str = ""
    listing_document: str = ""
    decided_on: int = 0
    """YYYYMMDD, as `publish_until`."""
    publish_until: int = 0


See = Callable[[SeenRow], None]
"""Told of one row after the other, of a chunk of the file in their order."""


def names(plain: str, row: SeenRow) -> bool:
    """Whether a text in its normal form has the name or the code of a row."""
    said = (normal_name(row.name), normal_name(row.code))
    return any(one and one in plain for one in said)


def unseen(_: SeenRow) -> None:
    """Nobody looks."""


def of_listing(row: int, decision: str, statement_id: bytes, listing: Listed) -> SeenRow:
    """Return a row that lists somebody."""
    until = listing.valid_until if isinstance(listing, Commendation) else listing.publish_until
    return SeenRow(
        row=row,
        decision=decision,
        statement_id=statement_id.hex(),
        name=listing.subject.name,
        code=listing.subject.code,
        scheme=listing.subject.scheme,
        list_type=listing.list_type,
        document=listing.document,
        decided_on=listing.decided_on,
        publish_until=until,
    )
