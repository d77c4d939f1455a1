"""A row is made by what is so now: where that changes before it is published, it is made anew.

Covers node/intake/read_rows.py.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.files.listings import ListingRow
from federation.ids import CharterId, Date
from federation.payloads import Audience, Listed
from federation.reconcile.catalog import Catalog
from federation.reconcile.plausibility import Doubt
from federation.statements import Kind
from node.codec import ProtobufPayloads
from node.intake.known_rows import Moment
from node.intake.row_making import RowMaking
from tests.support.payload_examples import LISTING
from tests.support.payload_kinds import PENALTY

DOUBT = Doubt("tier.not-of-list", "甲", "乙", "丙")


class Tagged:
    """Tags that are the value itself."""

    def lookup(self, value: bytes) -> bytes:
        return value

    def suppression(self, key: bytes) -> list[bytes]:
        return [key]


class Now:
    """What is so now."""

    def __init__(self) -> None:
        self.moment = Moment(audience=LISTING.audience, today=Date(20261101), catalog=Catalog(()))
        self.doubt: Doubt | None = None
        self.asked = 0

    def looked_at(self, _: Listed, catalog: Catalog, today: Date) -> tuple[Doubt | None, str]:
        assert (catalog, today) == (self.moment.catalog, self.moment.today)
        self.asked += 1
        return self.doubt, "notice.missing"

    def making(self) -> RowMaking:
        return RowMaking(
            "court/list",
            payloads=ProtobufPayloads(),
            tagger=Tagged(),
            look=self.looked_at,
            moment=lambda: self.moment,
        )


def test_f50_a_row_stays_as_it_was_made_while_nothing_changes() -> None:
    now = Now()
    making = now.making()
    made = making.row(ListingRow(row=2, listing=LISTING, row_key="k", notices=()))
    now.moment = replace(now.moment)
    (same,) = making.renewed([made])
    assert same is made
    assert now.asked == 1
    assert making.listing(made) == LISTING
    assert (made.doubt, made.lacks) == (None, "notice.missing")


def test_f50_a_row_is_made_anew_for_other_readers_another_day_and_another_catalog() -> None:
    for listing, kind in ((LISTING, Kind.LISTING), (PENALTY, Kind.PENALTY)):
        now = Now()
        making = now.making()
        made = making.row(ListingRow(row=2, listing=listing, row_key="k", notices=()))
        others = Audience(charters=(CharterId(bytes(32)),), purposes=("p",))
        now.moment, now.doubt = replace(now.moment, audience=others), DOUBT
        (again,) = making.renewed([made])
        assert making.listing(again) == replace(listing, audience=others)
        assert (again.kind, again.doubt, again.tag) == (kind, DOUBT, made.tag)
        assert again.content_tag == made.content_tag
        assert again.written == ProtobufPayloads().written(replace(listing, audience=others))
        now.moment, now.doubt = replace(now.moment, today=Date(20261102)), None
        assert making.renewed([again])[0].doubt is None
