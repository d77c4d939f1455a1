"""Layers narrow, editions follow each other, and what nobody confirmed does not count."""

from __future__ import annotations

import pytest

from adapters.catalog.editions import read_edition, starter_editions
from federation.catalog import Catalog, Certainty
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import SubjectKind
from tests.support.catalogs import catalog_of, edition_text

LIST = "judgment-defaulter"
DAY = Date(20260105)


def item(catalog: Catalog, day: Date = DAY) -> object:
    entry = catalog.entry(LIST, day)
    return None if entry is None else entry.item


def test_a_city_alone_admits_no_list() -> None:
    assert item(catalog_of(edition_text("city", layer="city"))) is None
    for layer in ("national", "joint", "province"):
        assert item(catalog_of(edition_text("one", layer=layer))) is not None


def test_a_city_strikes_a_list() -> None:
    city = edition_text("city", layer="city", struck=True)
    assert item(catalog_of(edition_text(), city)) is None


def test_a_lower_layer_only_narrows() -> None:
    high = edition_text(
        "nation",
        longest_months=24,
        shortest_months=6,
        subjects=["enterprise", "cooperative"],
        authorities=["a", "b"],
        measures=["m1", "m2"],
    )
    low = edition_text(
        "province",
        layer="province",
        longest_months=36,
        shortest_months=3,
        subjects=["enterprise", "sole-trader"],
        authorities=["b", "c"],
        measures=["m2", "m3"],
    )
    for texts in ((high, low), (low, high)):
        entry = catalog_of(*texts).entry(LIST, DAY)
        assert entry is not None
        assert (entry.item.longest_months, entry.item.shortest_months) == (24, 6)
        assert entry.item.subjects == {SubjectKind.ENTERPRISE}
        assert entry.item.authorities == frozenset({"b"})
        assert entry.item.measures == frozenset({"m2"})
        assert entry.editions == ("nation", "province")


def test_layers_that_name_nobody_in_common_leave_nobody() -> None:
    high = edition_text("nation", authorities=["a"])
    low = edition_text("province", layer="province", authorities=["b"])
    entry = catalog_of(high, low).entry(LIST, DAY)
    assert entry is not None
    assert entry.item.authorities == frozenset()


def test_of_a_series_the_newest_in_force_counts() -> None:
    old = edition_text("base-2020", series="base", valid_from="2020-01-01", longest_months=60)
    new = edition_text("base-2026", series="base", valid_from="2026-01-01", longest_months=36)
    catalog = catalog_of(new, old)
    months = [
        entry.item.longest_months
        for day in (20191231, 20200101, 20251231, 20260101)
        if (entry := catalog.entry(LIST, Date(day)))
    ]
    assert months == [60, 60, 36]


@pytest.mark.parametrize("certainty", list(Certainty))
def test_what_is_not_confirmed_does_not_count(certainty: Certainty) -> None:
    text = edition_text("base", certainty=certainty.value)
    before = catalog_of(text).entry(LIST, DAY)
    after = catalog_of(text, confirmed=[f"base/{LIST}"]).entry(LIST, DAY)
    assert before is not None
    assert after is not None
    assert before.confirmed == (certainty is Certainty.CONFIRMED)
    assert after.confirmed


def test_the_starter_editions_are_readable_and_say_how_certain_they_are() -> None:
    editions = {name: read_edition(text) for name, text in starter_editions().items()}
    assert {name: edition.id for name, edition in editions.items()} == {n: n for n in editions}
    lists = editions["national-lists-2024"].lists
    assert lists["work-safety"].certainty is Certainty.CONFIRMED
    assert all(i.source for i in lists.values())
    assert {m.certainty for m in editions["national-measures-2024"].measures.values()} == {
        Certainty.MEMORY
    }


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "line"),
        ("edition: x", "series"),
        (edition_text(unheard="x"), f"lists.{LIST}.unheard"),
        (edition_text(longest_months=-1), "longest_months"),
        (edition_text(subjects=["natural-person"]), "subject-kind"),
        (edition_text(basis=""), "basis"),
    ],
)
def test_a_faulty_edition_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(RefusedError, match=place) as caught:
        read_edition(text)
    assert caught.value.code == "catalog.file"
