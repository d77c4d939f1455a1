"""What an export of 信用中国 says against what stands here (NE1-NE5).

Covers node/intake/nation_export.py.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.files.tables import DEFAULT_LIMITS
from federation.ids import StatementId
from federation.reconcile.findings import Finding
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from node.directory.config import FilesSection, SourceSection
from node.intake.nation_export import NationExport
from node.log.writer import Writer
from node.records.subject_codes import SubjectCodes
from tests.scenarios.test_reconcile import CITY, HUB, PEER, finding, reconciled, shown
from tests.support import charters as build
from tests.support.desks import desk_of, records_of
from tests.support.simulation import Federation, SimNode, listing
from tests.support.telling import receipt_job

Federate = Callable[..., Federation]
DAY = "2026-09-20"


class Comparing:
    """A city that compares exports, and the neighbour whose listings it holds."""

    def __init__(self, federation: Federation, folder: Path) -> None:
        self.federation = federation
        self.node: SimNode = federation[PEER]
        self.folder = folder
        node = self.node
        self.writer = Writer(node.publisher, node.exchange.published, 64)
        self.exports = NationExport(
            store=node.store,
            writer=self.writer,
            registry=node.registry,
            statements=node.statements,
            tagger=node.keyring,
            now=node.clock.now,
            today=node.clock.today,
            limits=DEFAULT_LIMITS,
            names=lambda: {"示例名单": build.COURT_LIST, "别的名单": "other"},
            share_max=0.2,
            linked=SubjectCodes(library=node.library, tagger=node.keyring).names,
        )

    def compare(self, *rows: dict[str, str], **options: Any) -> dict[str, Any]:
        """Compare an export of these rows; `codes` of the result are those of its lines."""
        path = self.folder / "export.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        given: dict[str, Any] = {"dry_run": False, "full": False, "anyway": False} | options
        faults, result = self.exports.take(path, lambda _: None, **given)
        return result | {"codes": sorted(fault.code for fault in faults)}

    def size(self) -> int:
        """Leaves of the city's own log."""
        with self.node.store.read() as session:
            return self.node.statements.head(session).size

    def state(self, statement_id: bytes) -> str:
        """The state of a listing."""
        with self.node.store.read() as session:
            (row,) = session.rows_by_id(None, [statement_id])
        return State(row.state).name


def said(number: int, status: str, **changes: str) -> dict[str, str]:
    """A row of an export about the listing of a number."""
    of = listing(number, audience=None)  # type: ignore[arg-type]
    row = {
        "主体名称": of.subject.name,
        "统一社会信用代码": of.subject.code,
        "名单名称": "示例名单",
        "文书号": of.document,
        "公示状态": status,
    }
    return row | changes


@pytest.fixture
def comparing(federate: Federate, tmp_path: Path) -> Comparing:
    federation = federate(CITY, PEER)
    for one, other in ((CITY, PEER), (CITY, HUB), (PEER, HUB)):
        federation.connect(one, other)
    return Comparing(federation, tmp_path)


def own(comparing: Comparing, number: int) -> StatementId:
    """A listing of the city itself."""
    return comparing.node.list_(listing(number, audience=comparing.node.audience()))


def test_ne1_what_has_ended_there_is_paused_in_our_log_once(comparing: Comparing) -> None:
    node = comparing.node
    ended, kept = own(comparing, 1), own(comparing, 2)
    tried = comparing.compare(said(1, "已修复"), said(2, "公示中"), dry_run=True)
    assert tried["decisions"] == {"agrees": 1, "not-here": 0, "paused": 1}
    assert comparing.state(ended) == "ACTIVE"
    result = comparing.compare(said(1, "已修复"), said(2, "公示中"))
    assert (result["published"], result["codes"]) == (1, ["comparison.ended-there"])
    assert (comparing.state(ended), comparing.state(kept)) == ("PAUSED", "ACTIVE")
    (line,) = result["lines"]
    assert (line["row"], line["statement_id"], line["ours"]) == (2, ended.hex(), True)
    again = comparing.compare(said(1, "已修复"))
    assert (again["published"], again["decisions"]["stopped-before"]) == (0, 1)
    # Persons resumed it: an export of tomorrow does not pause it again.
    with node.store.read() as session:
        found = node.statements.listing(session, ended)
        draft = node.registry.annotation_draft(
            session, found, AnnotationAction.RESUMED, "", node.clock.today(), ""
        )
    node.say(draft)
    assert comparing.state(ended) == "ACTIVE"
    assert comparing.compare(said(1, "已修复"))["published"] == 0
    assert comparing.state(ended) == "ACTIVE"


def test_ne1_anothers_is_held_from_use_until_persons_decide(comparing: Comparing) -> None:
    node, city = comparing.node, comparing.federation[CITY]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(comparing.federation)
    assert shown(node, listed) == ("active", "")
    result = comparing.compare(said(1, "已移出"))
    assert (result["published"], result["decisions"]["held"]) == (0, 1)
    node.reconcile()
    assert shown(node, listed) == ("held", "record.conflict")
    assert shown(city, listed) == ("active", "")
    desk = desk_of(node)
    assert [one["verdict"] for one in desk.get(listed)["history"]] == ["shown-ended"]
    assert list(desk.check_words(())) == []
    desk.decide(listed, "use", "张某", "已与列入机关核对")
    node.reconcile()
    assert shown(node, listed)[0] == "held"
    desk.decide(listed, "use", "李某", "已复核")
    node.reconcile()
    assert shown(node, listed) == ("active", "")
    assert comparing.compare(said(1, "已移出"))["decisions"]["stopped-before"] == 1
    node.reconcile()
    assert finding(node, listed) == Finding.DECIDED_USE


def test_ne1_two_comparisons_at_once_open_a_case_once(comparing: Comparing) -> None:
    """The second read the listing before the first one stopped it, and keeps it after persons."""
    node, city = comparing.node, comparing.federation[CITY]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(comparing.federation)
    comparing.compare(said(1, "已移出"))
    desk = desk_of(node)
    for person in ("张某", "李某"):
        desk.decide(listed, "use", person, "已与列入机关核对")
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [listed])
    comparing.exports._hold([(row.log, row.idx)])
    node.reconcile()
    assert finding(node, listed) == Finding.DECIDED_USE


def test_ne1_the_origin_hears_of_it(comparing: Comparing) -> None:
    node, city = comparing.node, comparing.federation[CITY]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(comparing.federation)
    receipt_job(node).run()
    comparing.compare(said(1, "已移出"))
    node.reconcile()
    receipt_job(node).run()
    comparing.federation.settle()
    told = records_of(city).get(listed).told_by
    assert [one.reason for one in told if one.origin == node.origin] == ["record.conflict"]


def test_ne1_decisions_before_it_count_no_more(comparing: Comparing) -> None:
    node, city = comparing.node, comparing.federation[CITY]
    listed = city.list_(listing(1, audience=city.audience(), name="别名（演示）"))
    reconciled(comparing.federation)
    desk = desk_of(node)
    desk.decide(listed, "use", "张某", "已核对")
    desk.decide(listed, "use", "李某", "已复核")
    node.reconcile()
    assert shown(node, listed) == ("active", "")
    comparing.compare(said(1, "已移出", 主体名称=""))
    node.reconcile()
    assert shown(node, listed) == ("held", "record.conflict")
    desk.decide(listed, "reject", "张某", "信用中国已终止")
    node.reconcile()
    assert shown(node, listed) == ("rejected", "decision.reject")


def test_ne2_what_is_shown_there_and_relieved_here_goes_into_the_letter(
    comparing: Comparing,
) -> None:
    relieved = own(comparing, 1)
    comparing.node.relieve(Kind.REPAIR, relieved)
    size = comparing.size()
    result = comparing.compare(said(1, "公示中"))
    assert (result["codes"], comparing.size()) == (["comparison.still-shown-there"], size)
    (line,) = result["lines"]
    assert (line["step"], line["state"]) == ("still-shown", "repaired")
    assert line["document"] == listing(1, audience=comparing.node.audience()).document
    assert comparing.compare(said(1, "已修复"))["lines"] == []


def test_ne3_no_row_lists_resumes_or_revives(comparing: Comparing) -> None:
    paused, relieved = own(comparing, 1), own(comparing, 2)
    comparing.compare(said(1, "已修复"))
    comparing.node.relieve(Kind.REPAIR, relieved)
    size = comparing.size()
    result = comparing.compare(said(1, "公示中"), said(2, "公示中"), said(9, "列入"), full=True)
    assert comparing.size() == size
    assert result["decisions"] == {"agrees": 1, "not-here": 1, "still-shown": 1}
    assert (comparing.state(paused), comparing.state(relieved)) == ("PAUSED", "REPAIRED")


def test_ne4_absence_counts_in_a_full_export_up_to_a_share(comparing: Comparing) -> None:
    listed = [own(comparing, number) for number in range(1, 7)]
    some = [said(number, "公示中") for number in range(1, 6)]
    assert comparing.compare(*some)["published"] == 0
    much = comparing.compare(*some[:3], full=True)
    assert (much["published"], much["codes"]) == (0, ["comparison.too-much-absent"])
    no_list = [row | {"名单名称": ""} for row in some]
    assert comparing.compare(*no_list, full=True)["published"] == 0
    assert comparing.state(listed[5]) == "ACTIVE"
    assert comparing.compare(*some, full=True)["published"] == 1
    assert comparing.state(listed[5]) == "PAUSED"
    assert comparing.compare(*some[:3], full=True, anyway=True)["published"] == 2
    assert [comparing.state(one) for one in listed[3:]] == ["PAUSED"] * 3


def test_ne4_of_anothers_nothing_is_absent(comparing: Comparing) -> None:
    city = comparing.federation[CITY]
    listed = city.list_(listing(1, audience=city.audience()))
    reconciled(comparing.federation)
    comparing.compare(said(9, "公示中"), full=True)
    comparing.node.reconcile()
    assert shown(comparing.node, listed) == ("active", "")


def test_ne5_a_row_has_to_fit(comparing: Comparing) -> None:
    listed = own(comparing, 1)
    for wrong in ({"文书号": "另一〔2026〕1号"}, {"名单名称": "别的名单"}):
        result = comparing.compare(said(1, "已修复", **wrong))
        assert (result["published"], result["decisions"]) == (0, {"not-here": 1})
    slipped = comparing.compare(said(1, "已修复", 主体名称="别家有限公司（演示）"))
    assert (slipped["published"], slipped["codes"]) == (0, ["relief.name-differs"])
    assert comparing.state(listed) == "ACTIVE"
    assert comparing.compare(said(1, "已修复", 名单名称=""))["published"] == 1


def test_what_rows_say_in_other_words_is_a_fault(comparing: Comparing) -> None:
    listed = own(comparing, 1)
    wrong = comparing.compare(
        said(1, "办理中"),
        said(1, ""),
        said(1, "已修复", 文书号=""),
        said(1, "已修复", 统一社会信用代码=""),
        said(1, "#N/A"),
    )
    assert wrong["codes"] == ["cell.error", *["field.missing"] * 3, "field.value"]
    assert (wrong["refused_rows"], wrong["rows"], comparing.state(listed)) == (5, 5, "ACTIVE")


def test_a_day_of_an_end_says_so_where_no_word_does(comparing: Comparing) -> None:
    listed = own(comparing, 1)

    def dated(status: str, day: str) -> dict[str, str]:
        return said(1, status) | {"修复日期": day}

    assert comparing.compare(dated("公示中", DAY))["codes"] == ["field.value"]
    assert comparing.compare(dated("", "2027-09-20"))["published"] == 0
    assert comparing.state(listed) == "ACTIVE"
    assert comparing.compare(dated("", DAY))["published"] == 1
    assert comparing.state(listed) == "PAUSED"


def test_a_source_of_exports_speaks_for_nobody() -> None:
    section = SourceSection(comparison=True)
    assert FilesSection(sources={"nation": section}).sources["nation"].comparison
    for wrong in ({"relief_only": True}, {"list_types": ("a",)}, {"authorities": {"甲": "b"}}):
        with pytest.raises(ValueError, match="comparison"):
            SourceSection(comparison=True, **wrong)
