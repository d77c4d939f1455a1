"""Copies of one record: which counts, what completes it, whose word each field is."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from federation.ids import Date
from federation.payloads import Audience, Listing, Source, Subject, SubjectKind, TermQuality, Tier
from federation.reconcile.copies import (
    CURABLE,
    MERGED,
    Copy,
    Rank,
    arrange,
    is_sound,
    merge,
    rank_of,
)
from federation.reconcile.findings import Finding
from tests.federation.reconcile.test_rules import CATALOG, KNOWN, RIGHT, TODAY

LISTING = Listing(
    audience=Audience(charters=(), purposes=()),
    subject=Subject(scheme="uscc", code=KNOWN.code, name=KNOWN.name, kind=SubjectKind.ENTERPRISE),
    list_type="judgment-defaulter",
    tier=Tier.SEVERE,
    authority="510500-court",
    authority_name="",
    document="（2026）川05执1号",
    decided_on=Date(20260105),
    listed_on=Date(20260110),
    basis="",
    publish_until=Date(20281231),
    term=TermQuality.STATED,
    source=Source(department="court", batch="1", row=1, key="1"),
)


def copy(number: int, finding: Finding = Finding.RECOGNISED, **changed: Any) -> Copy:
    """A copy in the city's log of this number; changed as said."""
    rank = changed.pop("rank", Rank.CITY)
    made = Copy((number, 0), (rank, f"{number}", 0), 20260105, 20281231, finding)
    return made._replace(**changed)


NO_BASIS: dict[str, Any] = {"finding": Finding.BASIS_MISSING, "has_basis": False}
NO_NOTICE: dict[str, Any] = {"finding": Finding.NOTICE_MISSING, "has_notice": False}
NO_END: dict[str, Any] = {"finding": Finding.PERIOD_MISSING, "until": 0}


def test_two_that_lack_different_things_are_one_record() -> None:
    copies = [copy(1, **NO_BASIS), copy(2, **NO_NOTICE)]
    for order in permutations(copies):
        assert arrange(order) == {(1, 0): Finding.COMPLETED, (2, 0): Finding.COPY}


@pytest.mark.parametrize("lack", [NO_BASIS, NO_NOTICE, NO_END])
def test_what_nobody_states_stays_held(lack: dict[str, Any]) -> None:
    found = arrange([copy(1, **lack), copy(2, **lack)])
    assert set(found.values()) == {lack["finding"]}


def test_a_copy_that_lacks_two_things_needs_both() -> None:
    both = {**NO_BASIS, "has_notice": False}
    assert arrange([copy(1, **both), copy(2, **NO_NOTICE)]) == {
        (1, 0): Finding.BASIS_MISSING,
        (2, 0): Finding.NOTICE_MISSING,
    }
    assert arrange([copy(1, **both), copy(2)]) == {
        (1, 0): Finding.COMPLETED,
        (2, 0): Finding.COPY,
    }


def test_what_breaks_another_rule_beside_takes_no_part() -> None:
    found = arrange([copy(1, **NO_BASIS, sound=False), copy(2, **NO_NOTICE)])
    assert found == {(1, 0): Finding.BASIS_MISSING, (2, 0): Finding.NOTICE_MISSING}


def test_what_states_no_end_does_not_count() -> None:
    assert arrange([copy(1, **NO_END, rank=Rank.OF_AUTHORITY), copy(2, rank=Rank.HUB)]) == {
        (1, 0): Finding.COPY,
        (2, 0): Finding.RECOGNISED,
    }


def test_our_own_counts_always() -> None:
    found = arrange([copy(1, rank=Rank.OWN, until=0), copy(2)])
    assert found == {(1, 0): Finding.RECOGNISED, (2, 0): Finding.COPY}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"until": 20271231}, {}),
        ({"decided_on": 20260104}, {}),
        ({"tier": 1}, {"tier": 2}),
    ],
)
def test_a_contradiction_holds_all(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = arrange([copy(1, **one), copy(2, **other), copy(3, **NO_BASIS)])
    assert set(found.values()) == {Finding.CONFLICT}


def test_what_is_not_stated_contradicts_nothing() -> None:
    found = arrange([copy(1, tier=1), copy(2, tier=0), copy(3, **NO_END)])
    assert found == {(1, 0): Finding.RECOGNISED, (2, 0): Finding.COPY, (3, 0): Finding.COPY}


def test_a_basis_of_blanks_is_stated_by_nobody() -> None:
    blank = replace(LISTING, basis="——")
    named = replace(LISTING, basis="民事诉讼法")
    record, taken = merge([("a", blank), ("b", named)], "a")
    assert (record.basis, taken["basis"]) == ("民事诉讼法", "b")


def test_a_copy_is_sound_if_it_breaks_no_other_rule() -> None:
    lacking = RIGHT._replace(has_basis=False, notice_on=0, until=0)
    assert is_sound(lacking, CATALOG, KNOWN, today=TODAY)
    assert not is_sound(lacking._replace(name="别的名称（演示）"), CATALOG, KNOWN, today=TODAY)
    assert not is_sound(lacking._replace(until=20991231), CATALOG, KNOWN, today=TODAY)
    assert not is_sound(lacking, CATALOG, None, today=TODAY)
    assert {Finding.BASIS_MISSING, Finding.NOTICE_MISSING, Finding.PERIOD_MISSING} == CURABLE


@pytest.mark.parametrize(
    ("authority", "regions", "expected"),
    [
        ("510500-court", ["510500"], Rank.OF_AUTHORITY),
        ("510502-court", ["510500"], Rank.OF_AUTHORITY),
        ("11510500MB0000001A", ["510500"], Rank.OF_AUTHORITY),
        ("510500-court", ["510300"], Rank.CITY),
        ("court", ["510500"], Rank.CITY),
        ("510000-court", ["510500"], Rank.CITY),
    ],
)
def test_the_seat_of_an_authority(authority: str, regions: list[str], expected: Rank) -> None:
    assert rank_of(ours=False, hub=False, regions=regions, authority=authority) is expected
    assert rank_of(ours=True, hub=False, regions=regions, authority=authority) is Rank.OWN


def test_a_hub_is_the_seat_of_its_own_authorities_only() -> None:
    def rank(authority: str) -> Rank:
        return rank_of(ours=False, hub=True, regions=["510000"], authority=authority)

    assert rank("510000-court") is Rank.OF_AUTHORITY
    assert rank("510500-court") is Rank.HUB


def test_each_field_is_that_of_the_first_that_states_it() -> None:
    high = replace(LISTING, reason="高")
    middle = replace(LISTING, reason="中", basis="中依据")
    low = replace(LISTING, basis="低依据", authority_name="低名称")
    record, taken = merge([("high", high), ("middle", middle), ("low", low)], "high")
    assert (record.reason, record.basis, record.authority_name) == ("高", "中依据", "低名称")
    assert taken == {"basis": "middle", "authority_name": "low"}


def test_who_counts_does_not_change_whose_word_it_is() -> None:
    high, low = replace(LISTING, reason="高"), replace(LISTING, reason="低", basis="依据")
    record, taken = merge([("high", high), ("low", low)], "low")
    assert (record.reason, record.basis) == ("高", "依据")
    assert taken == {"reason": "high"}


def test_what_is_merged_is_neither_the_key_nor_what_must_agree() -> None:
    apart = {"subject", "list_type", "authority", "document", "decided_on"}
    apart |= {"publish_until", "term"}
    assert not apart & set(MERGED)
    assert {*apart, *MERGED, "min_reader", "audience", "source"} == set(Listing.__slots__)
