"""What was collected of each item of the catalog; one test for each number of the module."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date
from federation.quality.collection import Collected, Delivery, Item, collection
from federation.reconcile.catalog import Catalog
from tests.support.catalogs import catalog_of, edition_text

DAY = Date(20261031)
TAX, COURT = "major-tax-violation", "judgment-defaulter"
NATION = edition_text(lists=[TAX, COURT], authority="税务机关")
CITY = edition_text("city-2026", layer="city", lists=[TAX], department="市税务局", tier=None)
SEAT, OTHER = "510302-tax", "510304-tax"


def items(
    catalog: Catalog,
    delivered: dict[tuple[str, str], Delivery] | None = None,
    bound: tuple[tuple[str, str], ...] = (),
) -> dict[str, Item]:
    return {one.list_type: one for one in collection(catalog, DAY, delivered or {}, bound)}


def test_cs1_items_are_the_lists_that_stand_on_the_day_and_none_strikes() -> None:
    later = edition_text("later", lists=["unpaid-migrant-wages"], valid_from="2027-01-01")
    struck = edition_text("city", layer="city", lists=[COURT], struck=True)
    found = items(catalog_of(NATION, later, struck))
    assert list(found) == [TAX]
    assert items(catalog_of(edition_text(lists=[]))) == {}


def test_cs1_the_grades_of_penalties_are_one_item() -> None:
    grades = ["administrative-penalty-ordinary", "administrative-penalty-serious"]
    found = items(
        catalog_of(edition_text(lists=grades)),
        {("administrative-penalty", SEAT): Delivery(3, DAY)},
    )
    assert list(found) == ["administrative-penalty"]
    assert (found["administrative-penalty"].number, found["administrative-penalty"].name) == (
        3,
        "行政处罚",
    )


def test_cs2_only_a_department_that_the_catalog_names_owes() -> None:
    found = items(catalog_of(NATION, CITY))
    assert (found[TAX].department, found[TAX].authority) == ("市税务局", "税务机关")
    assert (found[TAX].state, found[COURT].state) == (Collected.MISSING, Collected.UNKNOWN)
    assert found[COURT].department == ""


def test_cs2_of_two_departments_nobody_knows_which_one_owes() -> None:
    ordinary, serious = "administrative-penalty-ordinary", "administrative-penalty-serious"
    one = edition_text("a", layer="city", lists=[ordinary], department="甲局", tier=None)
    two = edition_text("b", layer="city", lists=[serious], department="乙局", tier=None)
    nation = edition_text(lists=[ordinary, serious])
    (item,) = items(catalog_of(nation, one, two)).values()
    assert (item.department, item.state) == ("", Collected.UNKNOWN)


def test_cs3_what_came_before_the_period_is_the_last_day_and_collects_nothing() -> None:
    before = {(TAX, SEAT): Delivery(0, Date(20260803))}
    (found,) = (items(catalog_of(NATION, CITY), before)[TAX],)
    assert (found.state, found.number, found.last_day) == (Collected.MISSING, 0, 20260803)
    now = {(TAX, SEAT): Delivery(2, DAY), (TAX, OTHER): Delivery(1, Date(20261001))}
    found = items(catalog_of(NATION), now)[TAX]
    assert (found.state, found.number, found.last_day) == (Collected.COLLECTED, 3, DAY)


def test_cs4_districts_are_seats_and_those_bound_stand_there_with_zeros() -> None:
    came = {
        (TAX, SEAT): Delivery(2, DAY),
        (TAX, "510302-tax-2"): Delivery(1, Date(20261001)),
        (TAX, "tax"): Delivery(1, DAY),
        ("other-list", SEAT): Delivery(9, DAY),
    }
    found = items(catalog_of(NATION), came, ((TAX, OTHER), (TAX, SEAT)))[TAX]
    assert [(one.region, one.number, one.last_day) for one in found.districts] == [
        ("", 1, DAY),
        ("510302", 3, DAY),
        ("510304", 0, 0),
    ]


def test_cs5_what_does_not_stand_or_is_not_confirmed_is_not_owed() -> None:
    unread = edition_text(lists=[TAX], certainty="M")
    assert items(catalog_of(unread, CITY))[TAX].state == Collected.UNKNOWN
    confirmed = catalog_of(unread, CITY, confirmed=[f"tests-2015/{TAX}"])
    assert items(confirmed)[TAX].state == Collected.MISSING
    assert items(catalog_of(CITY))[TAX].state == Collected.UNKNOWN


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([TAX, COURT, "unknown"]), st.sampled_from([SEAT, OTHER, "x"])),
        st.builds(Delivery, st.integers(0, 5), st.sampled_from([Date(20260801), DAY])),
    )
)
def test_an_item_is_the_sum_of_its_districts_and_blames_nobody_for_what_came(
    delivered: dict[tuple[str, str], Delivery],
) -> None:
    for name, item in items(catalog_of(NATION, CITY), delivered).items():
        came = [one for (list_type, _), one in delivered.items() if list_type == name]
        assert item.number == sum(one.number for one in came)
        assert item.number == sum(one.number for one in item.districts)
        assert item.last_day == max((one.last_day for one in came), default=0)
        assert (item.state is Collected.COLLECTED) == (item.number > 0)
        if item.state is Collected.MISSING:
            assert item.department
