"""Repairs, objections and maskings that come in files (node/intake/annotations.py), one window."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.files.tables import DEFAULT_LIMITS
from federation.errors import RefusedError
from federation.ids import StatementId
from federation.rows import State
from federation.statements import Kind
from node.directory.config import FilesSection, SourceSection
from node.intake.files import Intake
from node.intake.row_words import RowHearing
from node.system.entropy import token
from tests.scenarios.test_intake import COURT_NAME, Desk, cells, code
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.desks import records_of
from tests.support.simulation import Federation, SimNode

Federate = Callable[..., Federation]
CITY = "510500"
WINDOW = "backflow"


class WindowDesk(Desk):
    """A desk beside which repairs and objections come through one window."""

    def __init__(self, node: SimNode, folder: Path) -> None:
        super().__init__(node, folder)
        court = SourceSection(authorities={COURT_NAME: build.COURT}, list_types=(build.COURT_LIST,))
        market = SourceSection(authorities={"某局": "510500-market"}, list_types=("a",))
        window = SourceSection(relief_only=True)
        self.intake = Intake(
            directory=folder,
            files=FilesSection(sources={"court": court, "market": market, WINDOW: window}),
            limits=DEFAULT_LIMITS,
            store=node.store,
            writer=self.writer,
            registry=node.registry,
            statements=node.statements,
            tagger=node.keyring,
            now=node.clock.now,
            today=node.clock.today,
            failpoints=node.failpoints,
            hearing=RowHearing(
                persons=node.persons, store=node.store, writer=self.writer, now=node.clock.now
            ),
            catalog=catalog_of,
            token=token,
        )

    def note(self, *rows: dict[str, str], **options: Any) -> dict[str, Any]:
        """Have an annotation file of the window taken."""
        path = self.folder / "annotation.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        given = {"kind": "annotation", "list_type": "", "source": WINDOW} | options
        return self.publish(path, **given)


def said(number: int, word: str, document: str = "泸异受〔2026〕1号") -> dict[str, str]:
    """A row about the court's row of the same number."""
    return {
        "名称": f"示例企业{number}有限公司（演示）",
        "统一社会信用代码": code(number),
        "名单类型": build.COURT_LIST,
        "认定单位": COURT_NAME,
        "列入文书号": f"（2026）川05执{number}号",
        "标注类型": word,
        "受理文书号": document,
        "标注日期": "2026-06-22",
        "说明": "",
    }


@pytest.fixture
def desk(federate: Federate, tmp_path: Path) -> WindowDesk:
    federation = federate(CITY)
    made = WindowDesk(federation[CITY], tmp_path / "desk")
    made.take(cells(1), cells(2), source="court")
    return made


def state(desk: Desk, number: int) -> tuple[str, bool]:
    """State of a listing, and whether an objection to it is open."""
    with desk.node.store.read() as session:
        head = session.head(desk.node.origin)
        assert head is not None
        listings = [
            row for row in session.rows_between(head.log, 0, head.size) if row.kind == Kind.LISTING
        ]
    view = records_of(desk.node).get(StatementId(listings[number - 1].statement_id))
    return State(listings[number - 1].state).name, "objection-opened" in view.annotations


def test_an_objection_is_taken_up_and_settled(desk: WindowDesk) -> None:
    assert desk.note(said(1, "异议受理"))["decisions"] == {"annotated": 1}
    assert state(desk, 1) == ("ACTIVE", True)
    again = desk.note(said(1, "异议受理"), said(2, "objection-opened"))
    assert again["decisions"] == {"annotated": 1, "annotated-before": 1}
    settled = desk.note(said(1, "异议办结", "泸异结〔2026〕1号"))
    assert settled["decisions"] == {"annotated": 1}
    assert (state(desk, 1)[1], state(desk, 2)[1]) == (False, True)


def test_publication_is_masked_and_shown_again_by_the_courts_document(desk: WindowDesk) -> None:
    desk.note(said(1, "重整屏蔽", "（2026）川05破1号"))
    assert state(desk, 1)[0] == "MASKED"
    both = desk.note(
        said(1, "终止屏蔽", "（2026）川05破1号之二"), said(1, "屏蔽", "（2026）川05破2号")
    )
    assert both["decisions"] == {"annotated": 2}
    assert state(desk, 1)[0] == "MASKED"
    desk.note(said(1, "解除屏蔽", "（2026）川05破2号之二"))
    assert state(desk, 1)[0] == "ACTIVE"


def test_what_is_wrong_with_rows(desk: WindowDesk) -> None:
    unknown = desk.note(
        said(1, "加重"),
        said(1, ""),
        said(1, "异议办结"),
        said(3, "异议受理"),
        {**said(2, "异议受理"), "受理文书号": ""},
        {**said(2, "异议受理"), "名称": "别家有限公司（演示）"},
        said(2, "恢复"),
    )
    assert unknown["published"] == 0
    assert unknown["faults"] == {
        "annotation.nothing-open": 1,
        "field.missing": 2,
        "field.value": 2,
        "relief.name-differs": 1,
        "relief.no-listing": 1,
    }
    assert unknown["refused_rows"] == 7


def test_a_department_notes_nothing_of_anothers_listing(desk: WindowDesk) -> None:
    with desk.node.store.read() as session:
        (row,) = session.rows_between(1, 0, 1)
    named = {"声明编号": row.statement_id.hex(), "标注类型": "屏蔽"}
    noted = {**named, "受理文书号": "泸异受〔2026〕1号", "标注日期": "2026-06-22"}
    assert desk.note(noted, source="market")["faults"] == {"authority.not-bound": 1}
    assert desk.note(noted, source="court")["decisions"] == {"annotated": 1}


def test_a_dry_run_publishes_nothing(desk: WindowDesk) -> None:
    tried = desk.note(said(1, "异议受理"), dry_run=True)
    assert (tried["published"], tried["decisions"]) == (0, {"annotated": 1})
    assert state(desk, 1) == ("ACTIVE", False)


def test_rows_of_a_platform_are_annotations_too(desk: WindowDesk) -> None:
    rows = {1: said(1, "异议受理"), 2: said(1, "异议受理"), 3: said(1, "加重")}
    answers = desk.intake.rows.take("inbox", WINDOW, "annotation", "", rows)
    assert [answers[n].outcome for n in (1, 2, 3)] == ["annotated", "annotated-before", "refused"]
    assert answers[1].statement_id == answers[2].statement_id != ""


def test_the_window_relieves_for_every_authority_and_lists_nobody(desk: WindowDesk) -> None:
    relief = {
        **said(2, ""),
        "修复决定文书号": "泸信修决〔2026〕2号",
        "修复日期": "2026-06-22",
    }
    path = desk.folder / "repair.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, relief.keys())
        writer.writeheader()
        writer.writerow(relief)
    repaired = desk.publish(path, kind="repair", list_type="", source=WINDOW)
    assert (repaired["published"], repaired["faults"]) == (1, {})
    assert state(desk, 2)[0] == "REPAIRED"
    with pytest.raises(RefusedError) as caught:
        desk.take(cells(9), source=WINDOW)
    assert caught.value.code == "source.list-not-bound"


@pytest.mark.parametrize(
    "wrong",
    [
        {"relief_only": True, "list_types": ("a",)},
        {"relief_only": True, "mapping": "m.yaml"},
        {"list_types": ("a",)},
        {},
    ],
)
def test_a_source_gives_lists_or_relief_alone(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="relief_only"):
        SourceSection(**wrong)
