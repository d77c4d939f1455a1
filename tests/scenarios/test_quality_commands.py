"""The commands of docs/quality.md, run on a node whose receivers told what became of its lists.

Covers node/cli/quality/group.py, node/cli/quality/labels.py, node/cli/quality/periods.py,
node/cli/quality/tables.py, node/services/quality.py.
"""

from __future__ import annotations

import re
import shlex
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from adapters.catalog.library import FILE_NAME as LIBRARY
from node.cli.quality.periods import period_of
from node.demo.members import DemoMember
from node.quality.report import Report, Sheet, page, workbook
from node.system.clock import SystemClock
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key, write_list

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
        assert ("（演示）" in "".join(cells)) == named
        assert ("（演示）" in html) == named
    assert run("quality", "report", "--dir", node).code == USAGE


def test_nothing_in_a_report_is_markup_or_a_formula() -> None:
    bad = ("=cmd()", "<script>x</script>", "+1", "@x")
    report = Report("<b>", "=1", [Sheet("表", ["=2"], [bad, [3]])])
    assert b"<script>" not in page(report, "zh")
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
