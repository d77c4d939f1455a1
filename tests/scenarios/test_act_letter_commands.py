"""Letters and forms of acts on two nodes: reliefs, editions, campaigns, files, credentials.

Covers node/relief/relief_letters.py, node/reconcile/edition_letters.py,
node/campaigns/campaign_letters.py, node/intake/approval_forms.py, node/access/grant_forms.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.test_request_commands import text_of
from tests.support.cased import CITY, PEER, make_case
from tests.support.commands import Ran, run
from tests.support.federation_dirs import WiredNode, code_of, exchange_all, name_of, write_list

REFUSED, USAGE = 3, 2
MASKED, RELIEVED = 1, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """自贡 has listed two firms and repaired one of them; 泸州 has heard of it."""
    made = make_case(tmp_path_factory.mktemp("acts"))
    city, peer = WiredNode(made / CITY.region), WiredNode(made / PEER.region)
    listed = city.list_("2" * 32, RELIEVED)
    relief = city.repair("3" * 32, listed.statement_id)
    (made / "relief").write_text(relief.statement_id.hex())
    exchange_all(city, peer)
    for node in (city, peer):
        node.close()
    return made


def city(folder: Path, *words: object) -> Ran:
    return run(*words, "--dir", folder / CITY.region)


def peer(folder: Path, *words: object) -> Ran:
    return run(*words, "--dir", folder / PEER.region)


def test_a_relief_is_a_letter_to_who_has_to_lift(folder: Path, tmp_path: Path) -> None:
    relief, out = (folder / "relief").read_text(), tmp_path / "relief.docx"
    made = city(folder, "repairs", "letter", relief[:12], "--out", out, "--to", "泸州市信用办")
    assert made.code == 0, made.err
    said = text_of(out)
    shown = city(folder, "repairs", "show", relief, "-o", "json").json
    for words in ("信用修复结果函", "泸州市信用办：", "停止公示和使用", shown["document"], relief):
        assert words in said, words
    assert "未知（目录无已确认的期限）" in said
    assert (
        city(
            folder, "letters", "issue", "relief", relief, "--by", "李某", "--number", "自修1号"
        ).code
        == 0
    )
    again = tmp_path / "again.docx"
    assert city(folder, "repairs", "letter", relief, "--out", again).code == 0
    assert "自修1号" in text_of(again)


def test_an_edition_is_told_with_who_adopted_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "edition.docx"
    adopt = ("catalog", "import", "national-lists-2024", "--by", "张某", "--by", "李某")
    assert peer(folder, *adopt).code == 0
    made = peer(folder, "catalog", "letter", "national-lists-2024", "--out", out)
    assert made.code == 0, made.err
    said = text_of(out)
    for words in ("目录版本采用通知", "national-lists-2024", "国家", "其中的名单："):
        assert words in said, words
    rows = said.split("时间\n")[-1].split("\n")
    assert [rows[0:2], rows[5:7]] == [["经办", "张某"], ["审核", "李某"]]
    none = peer(folder, "catalog", "letter", "moon-2026", "--out", tmp_path / "none.docx")
    assert (none.code, "letter.not-yet" in none.err) == (REFUSED, True)


def test_a_campaign_is_sent_out_without_who_has_exited(folder: Path, tmp_path: Path) -> None:
    opened = city(
        *(folder, "campaign", "new", "--name", "专项治理", "--document", "自信办〔2026〕8号"),
        *("--unit", "发改委", "--due", "2099-12-31", "-o", "json"),
    ).json["campaign"]
    ids = [one["statement_id"] for one in city(folder, "records", "list", "-o", "json").json]
    assert city(folder, "campaign", "add", opened, *ids).code == 0
    out = tmp_path / "campaign.docx"
    assert city(folder, "campaign", "letter", opened, "--out", out).code == 0
    said = text_of(out)
    for words in (
        "专项治理任务函",
        "发改委：",
        "自信办〔2026〕8号",
        "2099年12月31日前",
        name_of(1),
    ):
        assert words in said, words
    assert name_of(RELIEVED) not in said
    other = tmp_path / "other.docx"
    assert city(folder, "campaign", "letter", opened, "--unit", "财政局", "--out", other).code == 0
    assert "其中现无仍在列的主体。" in text_of(other)
    assert name_of(1) not in text_of(other)


def test_a_file_that_was_tried_is_put_before_who_approves_it(folder: Path, tmp_path: Path) -> None:
    rows, out = tmp_path / "list.csv", tmp_path / "approval.docx"
    write_list(rows, CITY.region, range(10, 12), bad=1)
    tried = city(folder, "publish", rows, "--dry-run", "--approval", out)
    assert "检查" in text_of(out) or tried.err == ""
    said = text_of(out)
    for words in ("名单发布审批单", "拒收的行，按原因：", "签发"):
        assert words in said, words
    assert code_of(10) not in said
    assert "号" not in said.split("名单发布审批单")[0], "a form has no number"
    wrong = city(folder, "publish", rows, "--approval", tmp_path / "no.docx")
    assert (wrong.code, (tmp_path / "no.docx").exists()) == (USAGE, False)


def test_a_grant_is_a_form_without_its_token(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "grant.docx"
    granted = city(
        *(folder, "access", "new", "--department", "交易中心（演示）", "--by", "张某"),
        *("--expires", "2099-12-31", "--purpose", "joint-punishment", "-o", "json"),
    ).json
    assert city(folder, "access", "form", granted["id"], "--out", out).code == 0
    said = text_of(out)
    for words in (
        "查询授权登记表",
        "交易中心（演示）",
        "joint-punishment",
        "令牌",
        "2099年12月31日",
        "部门",
    ):
        assert words in said, words
    assert granted["token"] not in said


def test_who_asked_is_told_to_the_subject_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    asked = ("--by", "张某", "--by", "李某", "--authorisation", "授-1", "--name", name_of(1))
    assert city(folder, "records", "list", "--name", name_of(1)).code == 0
    out = tmp_path / "queries.docx"
    said = city(folder, "access", "queries", *asked, "--letter", out)
    assert said.code == 0, said.err
    letter = text_of(out)
    for words in ("信用信息查询情况告知书", f"{name_of(1)}：", "授-1", "查询单位"):
        assert words in letter, words
    assert "列入" not in letter, "whether it is listed is not said"
    wrong = ("--department", "某局", "--by", "张某", "--letter", tmp_path / "no.docx")
    refused = city(folder, "access", "queries", *wrong)
    assert (refused.code, (tmp_path / "no.docx").exists()) == (REFUSED, False)


def test_what_is_held_has_no_record_of_removal(folder: Path, tmp_path: Path) -> None:
    held = city(folder, "records", "list", "-o", "json").json[0]["statement_id"]
    out = tmp_path / "removal.docx"
    refused = city(folder, "records", "letter", held, "--out", out)
    assert (refused.code, "letter.not-yet" in refused.err, out.exists()) == (REFUSED, True, False)
