"""Listings in files: what the program shows can be given back to it.

Covers node/cli/listing_file.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from federation.errors import StatementError
from federation.ids import Date
from federation.payloads import Exit, ExitKind, NoticeAttestation, TermQuality
from node.cli.listing_file import read_listing
from node.codec import payload_to_json
from node.codec.listed import listing_from_proto, listing_to_proto
from tests.support.payload_examples import LISTING

FULL = replace(
    LISTING,
    prior_notice_on=Date(0),
    prior_notice_attested=NoticeAttestation(
        authority="a",
        document="d",
        scope="s",
        decided_from=Date(20260101),
        decided_to=Date(20261231),
    ),
    exits=(Exit(kind=ExitKind.PERFORMED), Exit(kind=ExitKind.LISTED_FOR, months=36)),
    term=TermQuality.BY_CATALOG,
    notice_number="告字1号",
    notice_served_on=Date(20260106),
)


def test_what_is_shown_of_a_listing_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "listing.json"
    for shown in (LISTING, FULL):
        path.write_text(json.dumps({"payload": payload_to_json(shown)}), encoding="utf-8")
        read = read_listing(path)
        read.audience.CopyFrom(listing_to_proto(shown).audience)
        assert listing_from_proto(read) == shown


@pytest.mark.parametrize("text", ["exits: [performed]", "exits: 1", "term: for ever"])
def test_what_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "listing.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StatementError) as caught:
        read_listing(path)
    assert caught.value.code == "listing.malformed"
