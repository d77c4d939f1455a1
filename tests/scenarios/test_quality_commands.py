"""The commands of docs/quality.md, run on a node whose receivers told what became of its lists.

Covers node/cli/quality/group.py, node/documents/quality_labels.py, node/cli/quality/periods.py,
node/documents/quality_tables.py, node/services/quality.py.
"""

from __future__ import annotations

import re
import shlex
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from adapters.catalog.library import FILE_NAME as LIBRARY
from federation.ids import Date
from node.cli.quality.periods import period_of
from node.demo.members import DemoMember
from node.documents.periods import last_month
from node.quality.report import PERCENT, Number, Report, Sheet, page, workbook
from node.system.clock import SystemClock
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key, write_list
from tests.support.invented import name_of

pytestmark = pytest.mark.usefixtures("one_day")

DOCUMENT = Path(__file__).parents[2] / "docs" / "quality.md"
CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")
USAGE = 2


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a node with a file taken; one row was refused, and a peer holds the rest."""
    folder = tmp_path_factory.mktemp("quality")
    found(folder, (CITY, PEER))
    set_key(folder / PEER.region, "seconds", "0")
    (folder / PEER.region / LIBRARY).unlink()
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    write_list(folder / "list.csv", city.me, range(3), bad=1)
    for _ in range(2):
        assert city.publish_list(folder / "list.csv")["refused_rows"] == 1
    exchange_all(city, peer)
    peer.job("reconcile")
    peer.job("receipt")
    exchange_all(city, peer)
    for node in (city, peer):
        node.close()
    return folder


def commands() -> list[str]:
    """The commands that the document shows, in their order."""
    blocks = re.findall(r"```console\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    return [line[len("$ huxin ") :] for block in blocks for line in block.splitlines()]


def test_the_commands_of_the_document_are_answered(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(directory)
    for line in commands():
        ran = run(*shlex.split(line), "--dir", directory / CITY.region)
        assert ran.code == 0, (line, ran.err)


def test_every_figure_has_its_records(directory: Path) -> None:
    node = directory / CITY.region
    said = run("quality", "--records", "--dir", node, "-o", "json").json
    (row,) = said["rows"]
    assert (row["reported"], row["refused"], len(row["records"]["reported"])) == (4, 1, 3)
    faults = [(f["row"], f["by"], f["outcome"], f["reason"]) for f in row["faults"]]
    assert len(faults) == sum(row["reasons"].values())
    assert [fault for fault in faults if fault[2] == "refused"]
    assert row["records"]["not_compliant"] == row["records"]["reported"]
    assert (row["compliant"], row["compliance"]) == (0, 0)
    assert {fault[1:] for fault in faults if fault[1]} == {
        (PEER.origin, "held", "identity.subject-unknown")
    }
    assert all(set(line) == {"zh", "en"} for line in said["formulas"])


def test_a_report_says_the_same_and_no_name_unless_asked(directory: Path, tmp_path: Path) -> None:
    node = directory / CITY.region
    day = str(SystemClock().today())
    month = f"{day[:4]}-{day[4:6]}"
    said = run("quality", "--month", month, "--records", "--dir", node, "-o", "json").json
    (row,) = said["rows"]
    for words, named in (((), False), (("--names",), True)):
        ran = run("quality", "report", "--month", month, *words, "--out", tmp_path, "--dir", node)
        assert ran.code == 0, ran.err
        paths = [Path(line) for line in ran.out.splitlines()]
        assert [path.name for path in paths] == [f"quality-{month}.{e}" for e in ("html", "xlsx")]
        html = paths[0].read_text("utf-8")
        book = load_workbook(paths[1])
        cells = [str(c.value) for sheet in book for line in sheet.iter_rows() for c in line]
        assert f"数据质量月通报 {month}" in html
        assert f"数据质量月通报 {month}" in cells
        for statement_id in row["records"]["reported"]:
            assert statement_id in html
            assert statement_id in cells
        for line in said["formulas"]:
            assert line["zh"] in html
            assert line["zh"] in cells
        assert (name_of(1) in cells) == named
        assert (name_of(1) in html) == named


def test_a_report_is_of_last_month_where_none_is_named(directory: Path, tmp_path: Path) -> None:
    ran = run("quality", "report", "--out", tmp_path, "--dir", directory / CITY.region)
    month = last_month(SystemClock().today())
    assert [Path(line).name for line in ran.out.splitlines()] == [
        f"quality-{month}.{ending}" for ending in ("html", "xlsx")
    ]
    assert (last_month(Date(20260115)), last_month(Date(20261201))) == ("2025-12", "2026-11")


def test_a_report_can_be_handed_in(directory: Path, tmp_path: Path) -> None:
    node = directory / CITY.region
    day = str(SystemClock().today())
    month = f"{day[:4]}-{day[4:6]}"
    counting = WiredNode(node)
    counting.job("reconcile")
    counting.job("shares")
    counting.close()
    assert run("quality", "report", "--month", month, "--out", tmp_path, "--dir", node).code == 0
    page = (tmp_path / f"quality-{month}.html").read_text("utf-8")
    assert page.count("<svg") == 2
    book = load_workbook(tmp_path / f"quality-{month}.xlsx")
    figures = book["指标"]
    assert [sheet.freeze_panes for sheet in book][:3] == ["A4", "A2", "A2"]
    heading = [cell.value for cell in figures[3]]
    row = dict(zip(heading, figures[4], strict=True))
    assert (row["名单"].value, row["上报"].value) == ("名单（演示）", 4)
    assert (row["合规率"].value, row["合规率"].number_format) == (0, "0.00%")
    faults = [[cell.value for cell in line] for line in book["问题记录"].iter_rows(min_row=2)]
    assert {line[5] for line in faults if line[5]} == {PEER.name}
    assert {line[6] for line in faults} == {"受理被拒", "待核"}
    assert "本地法人库没有此主体" in {line[7] for line in faults}
    assert {"归集情况", "区县归集情况", "列入主体占比"} <= set(book.sheetnames)
    executed = [[cell.value for cell in line] for line in book["修复执行情况"].iter_rows()]
    assert executed[0][0] == "修复、撤销、屏蔽、暂停"
    assert dict(zip(*executed, strict=True)) | {"修复及时率": "–", "当日执行率": "–"} == dict(
        zip(*executed, strict=True)
    ), "of nothing no rate is known"
    whole = [cell.value for cell in book["列入主体占比"][2]]
    assert whole[:3] == ["全部", "任一名单", 3]
    by_day = [cell.value for cell in book["占比逐日"][2]]  # the twin of the charts
    assert by_day[1:4] == ["全部", "任一名单", 3]
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                text = str(cell.value or "")
                assert not re.search(r"[a-z]\.[a-z]|judgment-defaulter|叶|开启值|检查点", text), (
                    text
                )


def test_nothing_in_a_report_is_markup_or_a_formula() -> None:
    bad = ("=cmd()", "<script>x</script>", "+1", "@x")
    report = Report("<b>", "=1", [Sheet("表", ["=2"], [bad, [3], [Number(0.5, PERCENT)]])])
    assert b"<script>" not in page(report, "zh")
    assert b"<td>50.00%</td>" in page(report, "zh")
    assert b"&lt;script&gt;" in page(report, "zh")
    sheet = load_workbook(BytesIO(workbook(report))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type in "sn" for cell in cells)
    assert [cell.value for cell in cells] == [
        "<b>",
        "'=1",
        "'=2",
        "'=cmd()",
        "<script>x</script>",
        "'+1",
        "'@x",
        3,
        0.5,
    ]


@pytest.mark.parametrize(
    ("unit", "text", "first", "last"),
    [
        ("week", "2026-W42", 20261012, 20261018),
        ("week", "2026-W53", 20261228, 20270103),
        ("month", "2026-02", 20260201, 20260228),
        ("quarter", "2026-q3", 20260701, 20260930),
    ],
)
def test_the_days_of_a_period(unit: str, text: str, first: int, last: int) -> None:
    given = {"week": "", "month": "", "quarter": ""} | {unit: text}
    found = period_of(**given)
    assert (found.first, found.last, found.name) == (first, last, text.upper())


def test_what_is_not_certain_is_said(directory: Path) -> None:
    text = run("quality", "--dir", directory / CITY.region).out
    assert "未经人核实" in text
    english = run("quality", "--lang", "en", "--dir", directory / CITY.region).out
    assert "not confirmed by anyone" in english


@pytest.mark.parametrize(
    "words",
    [
        ("--month", "2026-13"),
        ("--month", "2026-1"),
        ("--week", "2026-W54"),
        ("--quarter", "2026-Q5"),
        ("--quarter", "Q1"),
        ("--month", "2026-10", "--week", "2026-W42"),
    ],
)
def test_a_period_that_is_none_is_refused(directory: Path, words: tuple[str, ...]) -> None:
    ran = run("quality", *words, "--dir", directory / CITY.region)
    assert ran.code == USAGE
