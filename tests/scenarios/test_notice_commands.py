"""`huxin notices` on a node whose firms another city lists: the list, letters, reminders, relief.

Covers node/cli/notices.py, node/services/notices.py, node/notices/letters.py,
node/notices/wiring.py, node/texts/notices.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.ids import StatementId
from node.demo.members import DemoMember
from node.notices.letters import notice_letter, reminder_letter
from node.texts.letters import Elements
from tests.scenarios.test_request_commands import text_of
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found, write_list

CITY = DemoMember(region="511500", name="宜宾")
HOME = DemoMember(region="510300", name="自贡")
LISTED = 3
REFUSED, USAGE = 3, 2


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """宜宾 has listed three firms that the base library of 自贡 knows."""
    folder = tmp_path_factory.mktemp("notices")
    found(folder, (CITY, HOME))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(LISTED))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder)
    return folder / HOME.region


def exchanged(folder: Path, repair: str = "") -> None:
    """Let 宜宾 repair a listing, and 自贡 have what it said and tell its firms of it."""
    city, home = WiredNode(folder / CITY.region), WiredNode(folder / HOME.region)
    exchange_all(city, home)
    if repair:
        city.repair("1" * 32, StatementId(bytes.fromhex(repair)))
        exchange_all(city, home)
    home.job("reconcile")
    home.job("notices")
    for node in (city, home):
        node.close()


def test_told_shown_written_reminded_and_told_again(home: Path, tmp_path: Path) -> None:
    listed = run("notices", "list", "--dir", home, "-o", "json").json
    assert len(listed) == LISTED
    first, second, third = (one["statement_id"] for one in listed)
    table = run("notices", "list", "--dir", home)
    assert table.code == 0, table.err
    for words in ("主体代码", "宜宾", "有效", "已列入"):
        assert words in table.out, words
    assert f"--after {LISTED}" in table.err
    assert run("notices", "list", "--after", "3", "--dir", home, "-o", "json").json == []
    assert run("notices", "list", "--state", "repaired", "--dir", home, "-o", "json").json == []
    shown = run("notices", "show", first[:8], "--dir", home, "--lang", "en")
    assert "listed in" in shown.out, shown.err
    unknown = run("notices", "show", "f" * 32, "--dir", home)
    assert unknown.code == REFUSED
    assert "notice.unknown" in unknown.err
    assert run("notices", "list", "--state", "gone", "--dir", home).code == USAGE

    letter = tmp_path / "letter.docx"
    made = run(
        *("notices", "letter", first, "--out", letter, "--number", "自信通〔2026〕5号"),
        *("--to", "大安区信用主管部门", "--dir", home),
    )
    assert made.code == 0, made.err
    said = text_of(letter)
    for words in (
        *("属地通报函", "自信通〔2026〕5号", "大安区信用主管部门：", "宜宾", "（印章）"),
        *(
            "履行完毕后可申请修复",
            "有异议",
            listed[0]["subject"]["name"],
            listed[0]["subject"]["code"],
        ),
    ):
        assert words in said, words
    assert run("notices", "letter", first, "--out", letter, "--dir", home).code != 0

    letters = tmp_path / "letters"
    reminded = run("notices", "remind", first, "--out", letters, "--dir", home, "-o", "json")
    assert [one["reminded"] for one in reminded.json] == ["listed"]
    assert "失信提醒函" in text_of(letters / f"{first}.docx")
    again = run("notices", "remind", second, first, "--out", tmp_path / "again", "--dir", home)
    assert again.code == REFUSED
    assert "notice.not-due" in again.err
    assert list((tmp_path / "again").glob("*.docx")) == []
    rest = run("notices", "remind", "--limit", "1", "--out", letters, "--dir", home)
    assert rest.code == 0, rest.err
    due = run("notices", "list", "--due", "--dir", home, "-o", "json").json
    assert [one["statement_id"] for one in due] == [third]

    exchanged(home.parent, third)
    late = run("notices", "remind", third, "--out", letters, "--dir", home)
    assert (late.code, "现为已修复" in late.err) == (REFUSED, True)
    (told,) = run("notices", "list", "--state", "repaired", "--dir", home, "-o", "json").json
    assert told["statement_id"] == third
    ended = tmp_path / "ended.docx"
    run("notices", "letter", third, "--out", ended, "--dir", home)
    assert "请停止公示和使用" in text_of(ended)
    assert "履行完毕后" not in text_of(ended)


def test_what_no_document_can_hold_is_left_out_of_letters(home: Path, tmp_path: Path) -> None:
    (document, *_) = run("notices", "list", "--dir", home, "-o", "json").json
    odd = document | {"reason": "甲\0乙\x07", "repair_possible": ["列入满 3 个月"]}
    for letter in (notice_letter(odd, Elements(number="1\0"), "某局\0"), reminder_letter(odd)):
        (tmp_path / "odd.docx").write_bytes(letter)
        assert "甲乙" in text_of(tmp_path / "odd.docx")
        assert "列入满 3 个月。" in text_of(tmp_path / "odd.docx")
    (tmp_path / "untyped.docx").write_bytes(notice_letter(document | {"repair_possible": []}))
    assert "询问移出条件" in text_of(tmp_path / "untyped.docx")
