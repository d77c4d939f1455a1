"""`huxin outcomes` on two nodes: handed in where it was asked, read where it was listed.

Covers node/cli/outcomes.py, node/cli/outcome_tables.py, node/texts/outcomes.py,
node/services/outcomes.py,
node/screening/wire_outcomes.py, node/screening/outcome_form.py, node/texts/letters.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from adapters.sql.checks import StoredCheck, StoredMatch, add_checks, add_matches
from adapters.sql.query_store import open_query_store
from node.access.query_keys import QueryKeys
from node.cli.outcome_tables import report_of
from node.demo.members import DemoMember
from node.quality.report import page
from node.system.clock import SystemClock, date_of
from node.system.entropy import token
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found, write_list
from tests.support.outcoming import DENY

CITY = DemoMember(region="510500", name="泸州")
ASKER = DemoMember(region="511500", name="宜宾")
REFUSED, USAGE = 3, 2
NUMBER = f"511500-{date_of(SystemClock().now())}-0000000000a1"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nodes; 泸州 has listed, a department of 宜宾 asked and was told."""
    folder = tmp_path_factory.mktemp("outcomes")
    found(folder, (CITY, ASKER))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(1))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder)
    asked(folder / ASKER.region)
    return folder


def exchanged(folder: Path) -> None:
    """Let each have what the other said."""
    city, asker = WiredNode(folder / CITY.region), WiredNode(folder / ASKER.region)
    exchange_all(city, asker)
    asker.job("outcomes")
    exchange_all(city, asker)
    for node in (city, asker):
        node.close()


def asked(directory: Path) -> None:
    """Keep a check with its match, as answering it does."""
    (record,) = run("records", "list", "--dir", directory, "-o", "json").json
    keys = QueryKeys(directory / "state" / "queries", now=SystemClock().now, token=token)
    sealed = keys.seal(json.dumps({"case_no": "办〔2026〕7号"}).encode(), place=NUMBER.encode())
    store = open_query_store(f"sqlite:///{directory / 'queries.db'}")
    with store.write() as writes:
        add_checks(
            writes,
            [
                StoredCheck(
                    number=NUMBER,
                    asker="c1",
                    request_key=b"r" * 16,
                    question_tag=b"q" * 16,
                    department="交易中心（演示）",
                    matter="procurement",
                    case_tag=b"c" * 16,
                    at=SystemClock().now(),
                    result="match",
                    complete=True,
                    query_id=b"i" * 16,
                    key=sealed.key,
                    sealed=sealed.data,
                )
            ],
        )
        match = StoredMatch(
            number=NUMBER,
            origin=record["origin"],
            idx=record["index"],
            record_tag=b"t" * 16,
            list_type=record["list_type"],
            matter="procurement",
            measures=json.dumps([DENY], ensure_ascii=False),
            due_on=20991231,
            state="pending",
        )
        add_matches(writes, [match])
    store.close()


def text_of(path: Path) -> str:
    """All that a form says."""
    document = Document(str(path))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_handed_in_here_seen_there_counted_and_written(directory: Path) -> None:
    asker, city = directory / ASKER.region, directory / CITY.region
    (waiting,) = run("outcomes", "pending", "--dir", asker, "-o", "json").json
    assert (waiting["check"], waiting["state"]) == (NUMBER, "pending")
    table = run("outcomes", "pending", "--dir", asker).out
    assert NUMBER in table
    assert "待反馈" in table
    assert DENY["code"] in table, "the code that hand-in asks for"
    asked = run("outcomes", "show", NUMBER, "--dir", asker).out
    for words in ("办〔2026〕7号", "待反馈", f"{DENY['code']} "):
        assert words in asked, words
    assert "{" not in asked
    today = f"{date_of(SystemClock().now())}"
    day = f"{today[:4]}-{today[4:6]}-{today[6:]}"
    given = (
        *("outcomes", "hand-in", NUMBER, "--record", waiting["record"], "--date", day),
        *("--person", "王演示", "--dir", asker, "-o", "json"),
    )
    refused = run(*given, "--result", "proceeded", "--reason", "outcome.nothing")
    assert (refused.code, "outcome.reason" in refused.err) == (REFUSED, True)
    assert run(*given, "--result", "perhaps").code == USAGE
    wrong = run(*(word if word != waiting["record"] else "nowhere" for word in given))
    assert wrong.code == USAGE
    said = run(*given, "--result", "applied", "--measure", DENY["code"])
    assert said.code == 0, said.err
    assert (said.json["state"], said.json["published"]) == ("reported", True)
    assert run("outcomes", "pending", "--dir", asker, "-o", "json").json == []

    slip = directory / "slip.docx"
    assert run("outcomes", "form", NUMBER, "--out", slip, "--dir", asker).code == 0
    for words in ("案件反馈单", "办〔2026〕7号", "王演示", "已采取", DENY["name"], "（印章）"):
        assert words in text_of(slip), words
    shown = run("outcomes", "show", NUMBER, "--dir", asker)
    assert (shown.code, f"{day}  已采取  {DENY['code']}  王演示" in shown.out) == (0, True)
    assert run("outcomes", "show", "none", "--dir", asker).code == REFUSED

    exchanged(directory)
    (told,) = run("outcomes", "list", "--dir", city, "-o", "json").json
    assert (told["side"], told["result"], told["department"]) == (
        "received",
        "applied",
        "交易中心（演示）",
    )
    assert "王演示" not in json.dumps(told, ensure_ascii=False)
    assert run("outcomes", "list", "--dir", city).code == 0

    book, html = directory / "out.xlsx", directory / "out.html"
    month = ("--month", day[:7])
    counted = run(
        *("outcomes", "report", *month, "--xlsx", book, "--html", html),
        *("--dir", city, "-o", "json"),
    )
    assert counted.code == 0, counted.err
    (row,) = counted.json["rows"]
    assert (row["cases"], row["applied"], row["qualified"]) == (1, 1, None)
    sheets = load_workbook(book)
    assert sheets.sheetnames == ["统计", "案例", "场景使用", "合格标准"]
    assert "交易中心（演示）" in html.read_text("utf-8")
    assert run("outcomes", "report", "--quarter", "2020-Q1", "--dir", city).code == 0


def test_cases_are_listed_in_the_columns_of_the_edition() -> None:
    case = {
        "region": "宜宾（演示）",
        "decided_on": 20261120,
        "qualified": True,
        "measure": "=1+1",
    }
    found = {
        "rule": {
            "basis": "某省办法",
            "results": ["applied"],
            "within_days": 5,
            "columns": {"region": "报送地区", "decided_on": "实施日期", "qualified": "是否合格"},
        },
        "rows": [],
        "cases": [case],
        "benefits": [],
    }
    made = report_of(found, "宜宾", "2026-11", english=False)
    figures, cases, _, rule = made.sheets
    assert (figures.rows, rule.rows[0]) == ([], ["依据", "某省办法"])
    assert cases.headings == ["报送地区", "实施日期", "是否合格"]
    assert cases.rows == [["宜宾（演示）", "2026-11-20", "是"]]
    assert "报送地区" in page(made, "zh").decode()
