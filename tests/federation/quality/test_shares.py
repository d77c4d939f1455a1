"""Shares of listed subjects; one test for each number of the module."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.quality.shares import ListedShare, Registered, shares

HERE, THERE = "510302", "510304"
CODE = "91510500MA00000000"
"""Of 510500 by its digits 3-8."""


def library(*regions: str) -> list[tuple[Registered, list[bytes]]]:
    return [(Registered(CODE, region), [bytes([n])]) for n, region in enumerate(regions)]


def counted(found: list[ListedShare]) -> dict[tuple[str, str], tuple[int, int]]:
    return {(one.region, one.list_type): (one.listed, one.subjects) for one in found}


def test_sh1_a_subject_counts_once_for_each_list_and_once_in_the_total() -> None:
    found = shares(library(HERE, HERE, THERE), {"a": {b"\0"}, "b": {b"\0", b"\2"}})
    assert counted(found) == {
        ("", ""): (2, 3),
        ("", "a"): (1, 3),
        ("", "b"): (2, 3),
        (HERE, ""): (1, 2),
        (HERE, "a"): (1, 2),
        (HERE, "b"): (1, 2),
        (THERE, ""): (1, 1),
        (THERE, "a"): (0, 1),
        (THERE, "b"): (1, 1),
    }
    assert found[0].share == 2 / 3


def test_sh2_whom_the_library_does_not_have_is_not_counted() -> None:
    found = shares(library(HERE), {"a": {b"\7", b"\0"}})
    assert counted(found)[HERE, "a"] == (1, 1)


def test_sh1_a_subject_of_several_codes_counts_once() -> None:
    subject = (Registered(CODE, HERE), [b"\1", b"\2"])
    found = shares([subject], {"a": {b"\1"}, "b": {b"\1", b"\2"}})
    assert counted(found)["", "b"] == counted(found)["", "a"] == counted(found)["", ""] == (1, 1)


def test_sh3_without_a_region_the_code_says_it_and_that_is_told() -> None:
    found = shares(library(HERE, ""), {})
    assert [(one.region, one.subjects, one.by_code) for one in found] == [
        ("", 2, 1),
        (HERE, 1, 0),
        ("510500", 1, 1),
    ]


def test_sh4_without_a_library_nothing_is_known() -> None:
    assert shares([], {"a": {b"\0"}}) == []


@given(
    st.lists(st.sampled_from(["", HERE, THERE])),
    st.dictionaries(st.sampled_from("ab"), st.sets(st.integers(0, 9).map(lambda n: bytes([n])))),
)
def test_districts_add_up_and_no_share_is_more_than_all(
    regions: list[str], listed: dict[str, set[bytes]]
) -> None:
    found = shares(library(*regions), listed)
    by = counted(found)
    for name in {one.list_type for one in found}:
        parts = [both for (region, of), both in by.items() if region and of == name]
        assert by["", name] == (sum(one for one, _ in parts), sum(all_ for _, all_ in parts))
    assert all(0 <= one.listed <= one.subjects and 0 <= one.share <= 1 for one in found)
    for region in {one.region for one in found}:
        lists = [by[region, name][0] for name in listed]
        assert max(lists, default=0) <= by[region, ""][0] <= sum(lists)
