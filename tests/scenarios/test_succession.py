"""A department was merged into another one: who ends now what it has listed (AU1-AU3)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.files.tables import DEFAULT_LIMITS
from federation.charters.values import ListRight
from federation.reconcile.catalog import Catalog
from node.directory.config import FilesSection, SourceSection
from node.intake.files import Intake
from node.intake.row_words import RowHearing
from node.system.entropy import token
from tests.scenarios.test_annotation_files import CITY, said, state
from tests.scenarios.test_intake import COURT_NAME, Desk, cells
from tests.support import charters as build
from tests.support.catalogs import catalog_of, edition_text
from tests.support.simulation import Federation, SimNode

Federate = Callable[..., Federation]
HUB = "510000"
NEW_NAME, NEW = "示例新法院", "court-new"
OLDER_NAME, OLDER = "示例更早法院", "court-older"
THIRD_NAME, THIRD = "示例第三法院", "court-third"
OTHER_NAME, OTHER = "示例旁院", "court-other"


def register(certainty: str = "C", until: str = "2026-05-31") -> Catalog:
    """Catalogs with a register of authorities by which the court has gone into the new one."""
    gone = {"valid_until": until, "certainty": certainty, "source": "测试"}
    document = yaml.safe_load(edition_text("offices", lists=[], layer="city"))
    rows = {
        build.COURT: {**gone, "name": COURT_NAME, "successors": [NEW]},
        OLDER: {**gone, "name": OLDER_NAME, "successors": [NEW]},
    }
    offices = yaml.safe_dump(document | {"authorities": rows}, allow_unicode=True)
    return catalog_of(edition_text("tests-2015"), offices)


class MergedDesk(Desk):
    """A desk where the new court sends its files, beside what the old one has listed."""

    def __init__(self, node: SimNode, folder: Path) -> None:
        super().__init__(node, folder)
        self.catalog = register()
        lists = (build.COURT_LIST,)
        self.intake = Intake(
            directory=folder,
            files=FilesSection(
                sources={
                    "new": SourceSection(authorities={NEW_NAME: NEW}, list_types=lists),
                    "older": SourceSection(authorities={OLDER_NAME: OLDER}, list_types=lists),
                    "third": SourceSection(authorities={THIRD_NAME: THIRD}, list_types=lists),
                    "other": SourceSection(authorities={OTHER_NAME: OTHER}, list_types=lists),
                }
            ),
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
            catalog=lambda: self.catalog,
            token=token,
        )

    def repair(self, *rows: dict[str, str], source: str = "new") -> dict[str, Any]:
        """Have a repair file of the new court taken."""
        path = self.folder / "repair.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        return self.publish(path, kind="repair", list_type="", source=source)


def repaired(number: int, authority: str = COURT_NAME, day: str = "2026-06-22") -> dict[str, str]:
    row = {**said(number, ""), "认定单位": authority}
    return {**row, "修复决定文书号": f"新信修〔2026〕{number}号", "修复日期": day}


@pytest.fixture
def desk(federate: Federate, tmp_path: Path) -> MergedDesk:
    right = ListRight(list_type=build.COURT_LIST, authorities=(build.COURT, OLDER, THIRD))
    rights = replace(build.EVERYTHING, lists=(right,))
    federation = federate(CITY, entitlements=rights)
    made = MergedDesk(federation[CITY], tmp_path / "desk")
    Desk(federation[CITY], tmp_path / "desk").take(cells(1), cells(2), cells(3), source="court")
    return made


def test_a_successor_relieves_by_the_name_of_either(desk: MergedDesk) -> None:
    """AU1."""
    taken = desk.repair(repaired(1), repaired(2, NEW_NAME))
    assert (taken["published"], taken["faults"]) == (2, {})
    assert [state(desk, n)[0] for n in (1, 2, 3)] == ["REPAIRED", "REPAIRED", "ACTIVE"]


def test_rows_of_a_platform_do_so_as_well(desk: MergedDesk) -> None:
    """AU1."""
    rows = {1: repaired(1), 2: repaired(2, NEW_NAME), 3: repaired(3, day="2026-05-31")}
    answers = desk.intake.rows.take("inbox", "new", "repair", "", rows)
    assert [answers[n].outcome for n in (1, 2, 3)] == ["relieved", "relieved", "refused"]
    assert answers[3].code == "authority.not-bound"


def test_who_is_no_successor_relieves_nothing(desk: MergedDesk) -> None:
    """AU1: the day, the source and the register have to fit."""
    assert desk.repair(repaired(1), source="other")["faults"] == {"authority.not-bound": 1}
    assert desk.repair(repaired(1, OTHER_NAME), source="other")["faults"] == {
        "relief.no-listing": 1
    }
    assert desk.repair(repaired(1, day="2026-05-31"))["faults"] == {"authority.not-bound": 1}
    desk.catalog = register(until="2026-12-31")
    assert desk.repair(repaired(1))["faults"] == {"authority.not-bound": 1}
    desk.catalog = register(certainty="P")
    assert desk.repair(repaired(1))["faults"] == {"authority.not-bound": 1}
    assert state(desk, 1)[0] == "ACTIVE"


def test_a_successor_of_one_does_not_relieve_for_another(desk: MergedDesk) -> None:
    """AU1: also where the row names the listing alone."""
    row = cells(5, 记录编号="R0105", 执行法院=THIRD_NAME)
    assert desk.take(row, source="third")["faults"] == {}
    with desk.node.store.read() as session:
        head = desk.node.statements.head(session)
        newest = session.rows_between(head.log, head.size - 1, head.size)[0]
    named = {"声明编号": newest.statement_id.hex()}
    said_so = {**named, "修复决定文书号": "新信修〔2026〕5号", "修复日期": "2026-06-22"}
    assert desk.repair(said_so)["faults"] == {"authority.not-bound": 1}
    assert desk.repair(said_so, source="third")["published"] == 1


def test_a_successor_lists_nothing_in_the_old_name(desk: MergedDesk) -> None:
    """AU3."""
    listed = desk.take(cells(9), source="new")
    assert (listed["published"], listed["faults"]) == (0, {"authority.not-bound": 1})


def test_a_successor_masks_and_shows_nothing_again(desk: MergedDesk) -> None:
    """AU3."""

    def note(word: str, document: str) -> dict[str, Any]:
        path = desk.folder / "annotation.csv"
        Desk.write(path, said(1, word, document))
        return desk.publish(path, kind="annotation", list_type="", source="new")

    assert note("重整屏蔽", "（2026）新破1号")["decisions"] == {"annotated": 1}
    assert state(desk, 1)[0] == "MASKED"
    shown = note("终止屏蔽", "（2026）新破1号之二")
    assert (shown["published"], shown["faults"]) == (0, {"authority.not-bound": 1})


def test_a_delegate_relieves_by_no_successor(federate: Federate, tmp_path: Path) -> None:
    """AU3: in the log of its own node only."""
    federation = federate(CITY, delegations=[build.make_delegation(HUB)])
    federation.connect(CITY, HUB)
    Desk(federation[CITY], tmp_path / "city").take(cells(1), source="court")
    federation.settle()
    hub = federation[HUB]
    with hub.store.read() as session:
        head = session.head(federation[CITY].origin)
        assert head is not None
        (listed,) = session.rows_between(head.log, 0, 1)
    row = {"声明编号": listed.statement_id.hex(), "修复决定文书号": "新信修〔2026〕1号"}
    row |= {"修复日期": "2026-06-22"}
    desk = MergedDesk(hub, tmp_path / "hub")
    assert desk.repair(row)["faults"] == {"authority.not-bound": 1}
    path = tmp_path / "hub" / "repair.csv"
    own = Desk(hub, tmp_path / "hub").publish(path, kind="repair", list_type="", source="court")
    assert (own["published"], own["faults"]) == (1, {})


def test_listings_of_two_that_are_gone_are_told_apart_by_their_ids(desk: MergedDesk) -> None:
    row = cells(1, 记录编号="R0100", 执行法院=OLDER_NAME)
    assert desk.take(row, source="older")["faults"] == {}
    assert desk.repair(repaired(1, NEW_NAME))["faults"] == {"relief.several-listings": 1}
    assert desk.repair(repaired(1, OLDER_NAME))["published"] == 1
    assert desk.repair(repaired(1, COURT_NAME))["published"] == 1
