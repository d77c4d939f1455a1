"""Lists of the trustworthy and methods of grades in editions: rules CM1 to CM3."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from adapters.catalog.editions import read_edition, starter_editions
from adapters.catalog.proposing import propose
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import SubjectKind
from federation.reconcile.entries import entries_of, items_changed
from federation.reconcile.grounds import check_edition
from federation.reconcile.trust_lists import grade_scale, known_as_trust, trust_list, trust_lists
from tests.support.catalogs import PERSONS, catalog_of, edition_text, trust_text

LIST = "tax-grade-a"
DAY = Date(20260105)
METHOD = ("tax-credit", "2014")


def of_list(edition: str = "one", layer: str = "national", **item: Any) -> str:
    return trust_text(edition, {LIST: item}, layer=layer)


def of_method(edition: str = "one", layer: str = "national", **method: Any) -> str:
    return trust_text(edition, {}, {METHOD: method}, layer=layer)


def test_cm1_a_list_that_no_edition_has_is_not_known() -> None:
    catalog = catalog_of(of_list())
    assert trust_list(catalog, LIST, DAY) is not None
    assert trust_list(catalog, "other", DAY) is None
    assert trust_list(catalog, LIST, Date(20130101)) is None  # before the edition
    assert [entry.item.list_type for entry in trust_lists(catalog, DAY)] == [LIST]


def test_cm1_an_entry_counts_for_awards_of_its_days() -> None:
    catalog = catalog_of(of_list(valid_from="2026-01-05", valid_until="2026-01-06"))
    days = [20260104, 20260105, 20260106, 20260107]
    entries = [trust_list(catalog, LIST, Date(day)) for day in days]
    assert [entry is not None and entry.within for entry in entries] == [False, True, True, False]


def test_cm1_every_entry_has_to_be_confirmed() -> None:
    texts = (of_list(), of_list("two", "city", certainty="P"))
    found = [
        trust_list(catalog_of(*texts, confirmed=confirmed), LIST, DAY)
        for confirmed in ((), ("two/trust-lists/tax-grade-a",))
    ]
    assert [entry is not None and entry.confirmed for entry in found] == [False, True]


def test_cm1_a_city_may_strike_a_list() -> None:
    assert trust_list(catalog_of(of_list(), of_list("two", "city", struck=True)), LIST, DAY) is None


def test_cm1_entries_narrow_each_other() -> None:
    catalog = catalog_of(
        of_list(
            authorities=["A-1", "A-2"],
            subjects=["enterprise", "cooperative"],
            longest_months=24,
            term_months=12,
            method="tax-credit",
        ),
        of_list(
            "two",
            "city",
            name="本市",
            authorities=["A-2", "A-3"],
            subjects=["enterprise", "public-body"],
            longest_months=36,
            term_months=6,
            method="other",
        ),
    )
    entry = trust_list(catalog, LIST, DAY)
    assert entry is not None
    item = entry.item
    assert (item.name, item.authorities, item.subjects, item.method) == (
        "本市",
        frozenset({"A-2"}),
        frozenset({SubjectKind.ENTERPRISE}),
        "tax-credit",
    )
    assert (item.longest_months, item.term_months) == (24, 6)
    assert entry.editions == ("one", "two")
    both = catalog_of(of_list(), of_list("two", "city", authorities=["A-3"]))
    entry = trust_list(both, LIST, DAY)
    assert entry is not None
    assert entry.item.authorities == frozenset({"A-3"})


@pytest.mark.parametrize(
    ("adopted", "text"),
    [
        (edition_text("lists", lists=[LIST]), of_list("two")),
        (of_list(), edition_text("lists", lists=[LIST])),
        (of_list(), trust_text("two", {"administrative-penalty-of-good": {}})),
    ],
)
def test_cm2_no_list_is_both_of_the_punished_and_of_the_trustworthy(
    adopted: str, text: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        check_edition(read_edition(text), [read_edition(adopted)])
    assert caught.value.code == "catalog.list-both"


def test_cm2_nor_in_one_edition() -> None:
    document = yaml.safe_load(of_list()) | {
        "lists": yaml.safe_load(edition_text(lists=[LIST]))["lists"]
    }
    with pytest.raises(RefusedError) as caught:
        read_edition(yaml.safe_dump(document))
    assert caught.value.code == "catalog.list-both"


def test_cm3_a_scale_is_known_where_all_who_have_it_agree() -> None:
    method, edition = METHOD
    catalog = catalog_of(of_method(), of_method("two", "city"))
    assert grade_scale(catalog, method, edition, DAY) == ("A", "B", "C")
    assert grade_scale(catalog, method, "2013", DAY) is None
    assert grade_scale(catalog, "other", edition, DAY) is None
    other = of_method("two", "city", scale=["B", "A", "C"])
    assert grade_scale(catalog_of(of_method(), other), method, edition, DAY) is None
    waits = of_method("two", "city", certainty="M")
    assert grade_scale(catalog_of(of_method(), waits), method, edition, DAY) is None
    confirmed = catalog_of(of_method(), waits, confirmed=("two/grade-methods/tax-credit/2014",))
    assert grade_scale(confirmed, method, edition, DAY) == ("A", "B", "C")
    later = of_method(valid_from="2026-01-06")
    assert grade_scale(catalog_of(later), method, edition, DAY) is None


@pytest.mark.parametrize(
    "text",
    [
        of_list(unknown=1),
        of_list(certainty=None),
        of_list(longest_months=6, term_months=12),
        of_list(subjects=["person"]),
        of_method(scale=["A"]),
        of_method(scale=["A", "B", "A"]),
        of_method(scale=[str(n) for n in range(17)]),
    ],
)
def test_what_is_misspelt_or_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_edition(text)
    assert caught.value.code == "catalog.file"


def test_entries_are_confirmed_by_name_and_stay_so_in_a_proposal() -> None:
    text = trust_text("one", {LIST: {"certainty": "M"}}, {METHOD: {"certainty": "P"}})
    edition = read_edition(text)
    names = {"trust-lists/tax-grade-a", "grade-methods/tax-credit/2014"}
    assert set(entries_of(edition)) == names
    changed = read_edition(trust_text("one", {LIST: {"certainty": "P"}}, {METHOD: {}}))
    assert items_changed(edition, changed) == {f"one/{name}" for name in names}
    proposed = propose(
        text,
        taken={"one"},
        confirmed={f"one/{name}" for name in names},
        person=PERSONS[0],
        correct=lambda _: None,
    )
    entries = entries_of(read_edition(proposed))
    assert {name: entries[name].certainty.value for name in names} == dict.fromkeys(names, "C")


def test_the_starter_knows_lists_and_counts_none_before_somebody_read_it() -> None:
    text = starter_editions()["national-trust-2026"]
    catalog = catalog_of(text)
    day = Date(20260501)
    types = {"tax-grade-a", "customs-advanced-certified", "trustworthy-incentive"}
    found = {entry.item.list_type: entry.confirmed for entry in trust_lists(catalog, day)}
    assert found == dict.fromkeys(types | {"public-credit-evaluation"}, False)
    assert known_as_trust(catalog, LIST)
    names = [f"national-trust-2026/{name}" for name in entries_of(read_edition(text))]
    read = catalog_of(text, confirmed=tuple(names))
    assert grade_scale(read, *METHOD, day) == ("A", "B", "M", "C", "D")
    methods = {entry.item.method for entry in trust_lists(read, day)} - {""}
    assert methods <= {method for method, _ in read_edition(text).grade_methods}
