"""The one encoding of an audience in the table `audiences`."""

from __future__ import annotations

from dataclasses import replace

from adapters.sql.rows import decode_audience, encode_audience
from tests.support.payload_examples import AUDIENCE

KEPT_BEFORE = '[["' + "63" * 32 + '"],["joint-punishment"]]'
"""As rows were written before audiences could name members."""


def test_a_row_kept_before_there_were_members_names_none_and_is_found_again() -> None:
    assert decode_audience(KEPT_BEFORE) == AUDIENCE
    assert encode_audience(AUDIENCE)[1] == KEPT_BEFORE


def test_members_are_kept_in_their_order() -> None:
    narrow = replace(AUDIENCE, members=("b", "a"))
    digest, encoded = encode_audience(narrow)
    assert decode_audience(encoded) == narrow
    assert digest != encode_audience(replace(AUDIENCE, members=("a", "b")))[0]
