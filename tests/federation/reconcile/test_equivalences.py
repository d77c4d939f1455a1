"""As which of one's own grades those of other methods count: rules GE1 to GE5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.catalog.editions import read_edition
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import Equivalence
from federation.reconcile.catalog import Catalog
from federation.reconcile.equivalences import (
    check_equivalences,
    check_said,
    equivalences_of,
    equivalences_shown,
    lowering,
    read_as,
)
from federation.reconcile.own_lists import check_own
from tests.support.catalogs import catalog_of, equivalence, equivalences_text, trust_text
from tests.support.payload_kinds import RECOGNITION

DAY = Date(20260601)
SCALES = trust_text(
    "scales",
    {},
    {
        ("tax", "2014"): {"scale": ["A", "B", "M", "C", "D"]},
        ("own", "1"): {"scale": ["优", "良", "差"]},
        ("waits", "1"): {"certainty": "M"},
    },
)


def table(*rows: dict[str, Any], edition: str = "table", **said: Any) -> str:
    return equivalences_text(edition, rows, **said)


def refused(*rows: dict[str, Any], beside: Sequence[str] = (), **said: Any) -> str:
    text = table(*rows, **said)
    with pytest.raises(RefusedError) as caught:
        check_equivalences(read_edition(text), catalog_of(SCALES, *beside, text))
    assert caught.value.code == "catalog.equivalence"
    return str(caught.value)


def counting(catalog: Catalog, day: Date = DAY) -> list[tuple[str, str]]:
    return [(one.grade, one.own_grade) for one in equivalences_of(catalog, day)]


def test_ge1_one_counts_on_its_days_while_its_edition_is_in_force() -> None:
    text = table(
        equivalence(valid_from="2026-06-01", valid_until="2026-06-02"), valid_to="2026-06-01"
    )
    days = [Date(day) for day in (20260531, 20260601, 20260602)]
    found = [counting(catalog_of(SCALES, text), day) for day in days]
    assert found == [[], [("A", "优")], []]
    text = table(equivalence(valid_from="2026-06-01", valid_until="2026-06-02"))
    days = [Date(day) for day in (20260531, 20260602, 20260603)]
    assert [len(counting(catalog_of(SCALES, text), day)) for day in days] == [0, 1, 0]
    newer = table(equivalence("B", "良"), edition="newer", series="table", valid_from="2026-01-02")
    assert counting(catalog_of(SCALES, text, newer)) == [("B", "良")]


def test_ge2_a_grade_is_read_by_the_very_method_edition_and_grade() -> None:
    (one,) = equivalences_of(catalog_of(SCALES, table(equivalence())), DAY)
    assert read_as(("tax", "2014", "A"), "own", "1", [one]) == ("优",)
    for held in (("tax", "2013", "A"), ("tax", "2014", "B"), ("other", "2014", "A")):
        assert read_as(held, "own", "1", [one]) == ()
    assert read_as(("tax", "2014", "A"), "own", "2", [one]) == ()
    assert read_as(("own", "1", "差"), "own", "1", [one]) == ("差",)


GRADES = st.tuples(st.sampled_from("xyz"), st.sampled_from("12"), st.sampled_from("ab"))
PAIRS = st.tuples(GRADES, GRADES).map(
    lambda both: Equivalence(
        method=both[0][0],
        edition=both[0][1],
        grade=both[0][2],
        own_method=both[1][0],
        own_edition=both[1][1],
        own_grade=both[1][2],
    )
)


@given(held=GRADES, wanted=GRADES, said=st.lists(PAIRS, max_size=12))
def test_ge2_never_in_two_steps(
    held: tuple[str, str, str], wanted: tuple[str, str, str], said: list[Equivalence]
) -> None:
    method, edition, _ = wanted
    found = read_as(held, method, edition, said)
    if held[:2] == (method, edition):
        assert found == (held[2],)
        return
    naive = {
        grade
        for grade in "ab"
        if Equivalence(
            method=held[0], edition=held[1], grade=held[2],
            own_method=method, own_edition=edition, own_grade=grade,
        ) in said
    }  # fmt: skip
    assert set(found) == naive
    without = [one for one in said if (one.method, one.edition, one.grade) == held]
    assert read_as(held, method, edition, without) == found  # what is read once more is not asked


def test_ge3_a_table_that_is_right_is_taken() -> None:
    text = table(equivalence("A", "优"), equivalence("B", "良"), equivalence("M", "良"))
    check_equivalences(read_edition(text), catalog_of(SCALES, text))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"grade": "E"}, "A、B、M、C、D"),
        ({"own_grade": "中"}, "优、良、差"),
        ({"method": "of-nobody"}, "of-nobody/2014"),
        ({"method": "waits", "edition": "1"}, "waits/1"),
        ({"own_edition": "2"}, "own/2"),
        ({"own_method": "tax", "own_edition": "2014", "own_grade": "B"}, "both are one edition"),
    ],
)
def test_ge3_both_scales_are_known_and_others(changed: dict[str, Any], said: str) -> None:
    assert said in refused(equivalence(**changed))


def test_ge3_a_grade_counts_as_one_grade_at_a_time() -> None:
    assert "contradicts" in refused(equivalence("A", "优"), equivalence("A", "良"))
    other = table(equivalence("A", "良"), edition="other")
    assert "other" in refused(equivalence("A", "优"), beside=[other])
    days = {"valid_from": "2020-01-01", "valid_until": "2025-12-31"}
    text = table(equivalence("A", "优"), equivalence("A", "良", **days))
    check_equivalences(read_edition(text), catalog_of(SCALES, text))
    newer = table(equivalence("A", "良"), edition="newer", series="table", valid_from="2026-02-01")
    check_equivalences(read_edition(newer), catalog_of(SCALES, text, newer))


@pytest.mark.parametrize(
    ("grade", "own", "expected"),
    [
        ("A", "优", False),
        ("B", "优", True),
        ("B", "良", False),
        ("M", "良", False),  # the middle of both
        ("C", "良", True),
        ("D", "差", False),
        ("A", "差", False),
    ],
)
def test_ge4_what_stands_lower_in_its_scale_lowers_the_bar(
    grade: str, own: str, *, expected: bool
) -> None:
    text = table(equivalence(grade, own))
    catalog = catalog_of(SCALES, text)
    assert bool(lowering(read_edition(text), catalog)) is expected
    assert [one.lowers for one in equivalences_shown(catalog, DAY)] == [expected]


def test_ge4_what_cannot_be_compared_lowers_it() -> None:
    text = table(equivalence())
    assert lowering(read_edition(text), catalog_of(text))


def test_ge5_a_recognition_says_what_its_region_adopted() -> None:
    catalog = catalog_of(SCALES, table(equivalence(valid_until="2026-12-31")))
    (one,) = equivalences_of(catalog, DAY)
    check_said([one], catalog, DAY)
    for said, day in ((one, Date(20270101)), (replace(one, own_grade="良"), DAY)):
        with pytest.raises(RefusedError) as caught:
            check_said([said], catalog, day)
        assert caught.value.code == "recognition.equivalence-unknown"


def test_ge5_is_asked_of_every_recognition_of_our_own_from_its_first_day_on() -> None:
    catalog = catalog_of(SCALES, table(equivalence(valid_from="2026-06-01")))
    (one,) = equivalences_of(catalog, DAY)
    said: dict[str, Any] = {"equivalences": (one,), "decided_on": Date(20260101)}
    check_own(catalog, replace(RECOGNITION, **said, effective_on=DAY))
    with pytest.raises(RefusedError) as caught:
        check_own(catalog, replace(RECOGNITION, **said, effective_on=Date(0)))
    assert caught.value.code == "recognition.equivalence-unknown"


@pytest.mark.parametrize(
    "changed", [{"valid_until": "2019-01-01"}, {"more": 1}, {"valid_from": None}, {"own_grade": ""}]
)
def test_an_equivalence_states_its_days_and_nothing_else(changed: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as caught:
        read_edition(table(equivalence(**changed)))
    assert caught.value.code == "catalog.file"


def test_an_edition_with_equivalences_is_yaml_like_the_others() -> None:
    document = yaml.safe_load(table(equivalence()))
    assert len(document["equivalences"]) == 1
