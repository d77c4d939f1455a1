"""Letters of a node with an office: numbers, who had a hand in them, what is refused.

Covers node/cli/letters.py, node/services/letters.py, node/letters/desk.py,
node/letters/wiring.py, node/persons/posts.py, node/reconcile/decision_letters.py.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from docx import Document

from federation.errors import RefusedError
from node.directory.config import FILE_NAME
from node.persons.posts import Post, Posts
from node.reconcile.decision_letters import decision_letter
from node.system.clock import SystemClock
from tests.support.cased import PEER, make_case, reconcile
from tests.support.commands import Ran, run

REFUSED, USAGE = 3, 2
OFFICE = """
[posts]
"张某" = { unit = "泸州市信用办（演示）", post = "科长" }
"李某" = { unit = "泸州市信用办（演示）", post = "主任" }

[letters]
issuer = "泸州市信用办（演示）"
code = "泸信办"

[letters.codes]
reminder = "泸信提"
"""
pytestmark = pytest.mark.usefixtures("one_day")


def year() -> int:
    """In which letters are numbered now."""
    return SystemClock().today() // 10_000


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """泸州 with one listing of 自贡 that waits for persons, and an office."""
    folder = make_case(tmp_path_factory.mktemp("letters"))
    run("catalog", "library", folder / "subjects.csv", "--dir", folder / PEER.region)
    reconcile(folder / PEER.region)
    path = folder / PEER.region / FILE_NAME
    text = path.read_text("utf-8").replace("[letters]\n", "[unused]\n", 1)
    start = text.index("[unused]")
    end = text.index("\n# Databases or services", start)
    path.write_text(text[:start] + OFFICE + text[end:], "utf-8")
    return folder


class Office:
    """泸州, whose office files letters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = folder / PEER.region
        self.case = (folder / "id").read_text()

    def run(self, *words: object) -> Ran:
        return run(*words, "--dir", self.node)

    def decide(self, person: str, verdict: str) -> None:
        said = ("--by", person, "--reason", f"{person}已核对")
        ran = self.run("cases", "decide", self.case, verdict, *said)
        assert ran.code == 0, ran.err

    def issue(self, kind: str, about: str, *words: str) -> Ran:
        return self.run("letters", "issue", kind, about, "--by", "李某", *words, "-o", "json")

    def letter(self, name: str, *words: str) -> Ran:
        return self.run("cases", "letter", self.case, "--out", self.folder / name, *words)

    def says(self, name: str) -> str:
        return text_of((self.folder / name).read_bytes())


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Office:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path)


def assert_refused(ran: Ran, code: str) -> None:
    assert (ran.code, code in ran.err) == (REFUSED, True), ran.err


def test_a_decision_is_a_letter_once_two_persons_have_decided(office: Office) -> None:
    assert_refused(office.letter("none.docx"), "letter.not-yet")
    office.decide("张某", "use")
    assert_refused(office.letter("none.docx"), "letter.not-yet")
    assert not (office.folder / "none.docx").exists()
    office.decide("李某", "use")
    made = office.letter("first.docx", "--to", "自贡某单位（演示）")
    assert made.code == 0, made.err
    said = office.says("first.docx")
    for words in ("案件处理决定书", "自贡某单位（演示）：", "〔        〕    号", "（印章）"):
        assert words in said, words
    shown = office.run("cases", "show", office.case, "-o", "json").json
    for words in (shown["subject_name"], shown["subject_code"], "张某已核对", office.case):
        assert words in said, words
    assert "经两人核实" in said

    issued = office.issue("decision", shown["letter"], "--prepared", "王五")
    assert issued.code == 0, issued.err
    assert issued.json["number"] == f"泸信办〔{year()}〕1号"
    assert office.letter("second.docx").code == 0
    said = office.says("second.docx")
    assert said.startswith("泸州市信用办（演示）\n")
    assert f"泸信办〔{year()}〕1号" in said
    rows = said.split("时间\n")[1].split("\n")
    assert rows[:4] == ["经办", "张某", "泸州市信用办（演示）", "科长"]
    assert rows[5:9] == ["审核", "李某", "泸州市信用办（演示）", "主任"]
    assert rows[10:14] == ["签发", "李某", "泸州市信用办（演示）", "主任"]
    assert "王五" not in said, "who decided had prepared it"
    assert_refused(office.letter("third.docx", "--number", "另一号"), "letter.numbered")

    office.decide("李某", "reopen")
    assert_refused(office.issue("decision", f"{office.case}-1"), "letter.over")
    office.decide("张某", "reject")
    assert_refused(office.issue("decision", f"{office.case}-1"), "letter.over")
    again = office.run("cases", "show", office.case, "-o", "json").json
    assert again["letter"] == f"{office.case}-2"
    assert office.letter("other.docx").code == 0
    said = office.says("other.docx")
    assert "不予认定" in said
    assert "〔        〕    号" in said, "another decision, another number"


def test_numbers_run_without_gaps_and_stand_once(office: Office) -> None:
    numbers = [
        office.issue(kind, office.case).json["number"]
        for kind in ("decision", "notice", "decision", "reminder")
    ]
    assert numbers == [
        f"泸信办〔{year()}〕1号",
        f"泸信办〔{year()}〕2号",
        f"泸信办〔{year()}〕1号",
        f"泸信提〔{year()}〕1号",
    ]
    assert_refused(office.issue("decision", office.case, "--number", "另"), "letter.numbered")
    taken = office.issue("relief", office.case, "--number", f"泸信办[{year()}]2号")
    assert_refused(taken, "letter.taken")
    typed = office.issue(
        "relief", office.case, "--number", f"泸信办〔{year()}〕8号", "--prepared", "张某"
    )
    assert typed.json["handled"][0]["post"] == "科长"
    assert office.issue("answer", office.case).json["number"] == f"泸信办〔{year()}〕9号"
    free = office.issue("forwarding", office.case, "--number", "转 字 第3号")
    assert (free.code, free.json["number"]) == (0, "转 字 第3号")
    listed = office.run("letters", "list", "-o", "json").json
    assert [one["kind"] for one in listed] == [
        *("forwarding", "answer", "relief", "reminder", "notice", "decision"),
    ]
    assert len(office.run("letters", "list", "--limit", "2", "-o", "json").json) == 2
    table = office.run("letters", "list").out
    for words in ("泸信提", "失信提醒函", "签发 李某 泸州市信用办（演示） 主任"):
        assert words in table, words
    shown = office.run("letters", "show", "notice", office.case)
    assert f"泸信办〔{year()}〕2号" in shown.out


def test_what_is_not_held_here_has_no_letter(office: Office) -> None:
    for kind, about in (
        ("decision", "0" * 32),
        ("decision", "91510500MAXA00000X"),
        ("campaign", "7"),
        ("edition", "none-2026"),
    ):
        refused = office.issue(kind, about)
        assert_refused(refused, "letter.about")
        assert about not in refused.err
    assert office.run("letters", "issue", "moon", office.case, "--by", "李某").code == USAGE
    nobody = office.run("letters", "issue", "notice", office.case, "--by", " ")
    assert_refused(nobody, "person.none")
    campaign = office.run(
        *("campaign", "new", "--name", "治理", "--document", "1", "--unit", "甲", "-o", "json")
    ).json["campaign"]
    assert office.issue("campaign", str(campaign)).code == 0
    assert office.issue("edition", "tests-2015").code == 0


def test_where_no_code_is_configured_people_type_numbers(office: Office) -> None:
    path = office.node / FILE_NAME
    text = path.read_text("utf-8").replace('code = "泸信办"', 'code = ""')
    path.write_text(text, "utf-8")
    assert_refused(office.issue("notice", office.case), "letter.no-code")
    assert office.issue("notice", office.case, "--number", "〔2026〕3号").code == 0
    path.write_text(text.replace("reminder =", "moon ="), "utf-8")
    assert "decision" in office.run("letters", "list").err


def test_who_works_where_is_told_by_the_configuration_first() -> None:
    posts = Posts({"张某": Post("甲", "乙")}, {"王五": Post("丙", "丁")}.get)
    assert posts.of("張某 ") == ("甲", "乙")
    assert posts.of("王五") == ("丙", "丁")
    assert posts.of("赵六") == ("", "")


def test_nothing_is_decided_about_what_nobody_decided() -> None:
    with pytest.raises(RefusedError, match="nothing is decided"):
        decision_letter({"decided": "", "statement_id": "ab"})
