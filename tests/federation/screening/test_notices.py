"""Of which listings a city tells its own subjects, and when it reminds them (NO1 to NO7)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from federation.ids import Date
from federation.reconcile.identity import BaseSubject, Status
from federation.rows import OpeningStatus, State, StatementRow
from federation.screening.notices import (
    Noticed,
    Stage,
    bits,
    former_regions,
    has_changed,
    is_local,
    relief_tells,
    reminder_due,
    tells,
)
from federation.statements import AnnotationAction, Kind
from federation.uscc import make_uscc
from tests.support.catalogs import catalog_of, edition_text

HERE, TODAY = "510300", Date(20261129)
OURS, THEIRS = make_uscc("91510304", "XX000001"), make_uscc("91510500", "XX000002")


def row(kind: int = Kind.LISTING, **changed: object) -> StatementRow:
    made = StatementRow(
        log=1,
        idx=0,
        statement_id=bytes(16),
        kind=kind,
        action=0,
        flags=0,
        about=None,
        opening=OpeningStatus.PRESENT,
        tag=None,
        audience=1,
        list_type="",
        authority="",
        decided_on=0,
        until=0,
        state=State.ACTIVE,
        rule="",
        header_state=0,
        names=None,
        current=0,
    )
    return made._replace(**changed)  # type: ignore[arg-type]


def test_a_listing_is_told_where_its_opening_is_held_and_its_speaker_may_say_it() -> None:
    assert tells(row())
    assert not tells(row(Kind.PENALTY))
    assert not tells(row(Kind.COMMENDATION))
    for status in OpeningStatus:
        assert tells(row(opening=status)) == (status is OpeningStatus.PRESENT)
    for state in State:
        assert tells(row(state=state)) == (state not in (State.SET_ASIDE, State.HELD))


def test_a_relief_is_told_of_whatever_listing_was_once_for_us() -> None:
    assert not relief_tells(row(Kind.PENALTY))
    for status in OpeningStatus:
        assert relief_tells(row(opening=status)) == (status is not OpeningStatus.NOT_FOR_US)
    assert not relief_tells(row(state=State.SET_ASIDE))


@pytest.mark.parametrize(
    ("code", "known", "local"),
    [
        (OURS, None, True),
        (THEIRS, None, False),
        (THEIRS, BaseSubject(THEIRS, "甲"), True),
        (THEIRS, BaseSubject(THEIRS, "甲", status=Status.CANCELLED), True),
        (OURS, BaseSubject(OURS, "甲", status=Status.MOVED), False),
        (OURS[:-1] + ("0" if OURS[-1] != "0" else "1"), None, False),
    ],
)
def test_the_library_is_asked_before_the_code(
    code: str, known: BaseSubject | None, *, local: bool
) -> None:
    assert is_local("uscc", code, known, HERE, frozenset()) is local


def test_no_other_identifier_says_where_somebody_is_registered() -> None:
    for scheme in ("organisation-code", "registration-number", "id-card"):
        assert not is_local(scheme, OURS, None, HERE, frozenset())
    assert is_local("registration-number", "510300000001", BaseSubject(OURS, "甲"), HERE, set())


@given(st.from_regex(r"[1-8][0-9]{16}[0-9X]", fullmatch=True))
def test_a_number_of_a_person_is_never_local(number: str) -> None:
    """NO3: such a number has the shape of a code, and is none."""
    if number[0] != "9":
        for scheme in ("uscc", "id-card"):
            found = is_local(scheme, number, None, number[2:8], frozenset({number[:6]}))
            assert found is False or scheme == "uscc"


def regions(rows: Mapping[str, Mapping[str, object]], confirmed: bool = True) -> frozenset[str]:
    said = {
        "name": "区（演示）",
        "valid_until": "2025-11-05",
        "certainty": "C" if confirmed else "M",
        "source": "演示",
    }
    document = yaml.safe_load(edition_text("regions", layer="city", lists=[]))
    document["regions"] = {code: {**said, **one} for code, one in rows.items()}
    catalog = catalog_of(yaml.safe_dump(document, allow_unicode=True))
    return former_regions(catalog, HERE, TODAY)


def test_a_region_that_is_gone_counts_where_all_of_it_became_part_of_ours() -> None:
    assert regions({"510399": {"successors": ["510304"]}}) == {"510399"}
    assert regions({"500105": {"successors": ["510304"]}}) == {"500105"}
    assert regions({"500105": {"successors": ["510304"], "valid_until": "2099-12-31"}}) == set()
    assert regions({"500105": {"successors": []}}) == set()
    assert regions({"500105": {"successors": ["510304", "510500"]}}) == set()
    assert regions({"500105": {"successors": ["510304"]}}, confirmed=False) == set()
    moved = {"500105": {"successors": ["500199"]}, "500199": {"successors": ["510302"]}}
    assert regions(moved) == {"500105", "500199"}
    round_about = {"500105": {"successors": ["500112"]}, "500112": {"successors": ["500105"]}}
    assert regions(round_about) == set()
    code = make_uscc("91500105", "XX000003")
    assert is_local("uscc", code, None, HERE, frozenset({"500105"}))
    assert not is_local("uscc", code, None, HERE, frozenset())


def test_what_stands_otherwise_is_told_again_and_the_same_is_not() -> None:
    now = Noticed(State.ACTIVE, 0, 4)
    opened = bits([AnnotationAction.OBJECTION_OPENED])
    assert has_changed(None, now)
    assert not has_changed(now, Noticed(State.ACTIVE, 0, 4))
    for other in (
        now._replace(state=State.REPAIRED),
        now._replace(annotations=opened),
        now._replace(current=9),
    ):
        assert has_changed(now, other)
    assert bits([3, 3, 1]) == 0b1010


@pytest.mark.parametrize("state", ["masked", "paused", "repaired", "withdrawn", "expired", "held"])
def test_nobody_is_reminded_of_what_is_not_in_force(state: str) -> None:
    assert reminder_due(state, Stage.NONE, Date(20200101), TODAY, ceased=False) is Stage.NONE


@pytest.mark.parametrize(
    ("reminded", "opens", "due"),
    [
        (Stage.NONE, 0, Stage.LISTED),
        (Stage.NONE, 20261130, Stage.LISTED),
        (Stage.NONE, 20261129, Stage.REPAIR),
        (Stage.LISTED, 0, Stage.NONE),
        (Stage.LISTED, 20261130, Stage.NONE),
        (Stage.LISTED, 20261129, Stage.REPAIR),
        (Stage.REPAIR, 20261129, Stage.NONE),
    ],
)
def test_each_reminder_is_due_once(reminded: Stage, opens: int, due: Stage) -> None:
    assert reminder_due("active", reminded, Date(opens), TODAY, ceased=False) is due
    assert reminder_due("active", reminded, Date(opens), TODAY, ceased=True) is Stage.NONE
