"""`huxin requests` on two nodes: forwarded here, answered there, as letters for both offices.

Covers node/cli/requests.py, node/services/requests.py, node/relief/request_letters.py,
node/relief/wire_requests.py, node/cli/letter_files.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document

from node.demo.members import DemoMember
from node.relief.request_letters import letter
from tests.support.commands import run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import WiredNode, exchange_all, found, write_list

CITY = DemoMember(region="510500", name="泸州")
ASKER = DemoMember(region="510300", name="自贡")
REFUSED, USAGE = 3, 2


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nodes; 泸州 has listed, 自贡 has it."""
    folder = tmp_path_factory.mktemp("requests")
    found(folder, (CITY, ASKER))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(2))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder)
    return folder


def exchanged(folder: Path) -> None:
    """Let each have what the other said."""
    city, asker = WiredNode(folder / CITY.region), WiredNode(folder / ASKER.region)
    exchange_all(city, asker)
    city.job("requests")
    exchange_all(city, asker)
    for node in (city, asker):
        node.close()


def text_of(path: Path) -> str:
    """All that a letter says."""
    document = Document(str(path))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_forwarded_answered_and_written(directory: Path) -> None:
    asker, city = directory / ASKER.region, directory / CITY.region
    records = run("records", "list", "--dir", asker, "-o", "json").json
    about = records[0]["statement_id"]
    (directory / "why.txt").write_text("认为列入有误：判决已履行。", "utf-8")
    sent = run(
        *("requests", "send", about, "--kind", "objection", "--received", "2026-11-02"),
        *("--document", "自信收〔2026〕3号", "--file", directory / "why.txt"),
        *("--dir", asker, "-o", "json"),
    )
    assert sent.code == 0, sent.err
    request = sent.json["statement_id"]
    assert sent.json["text"] == "收文号：自信收〔2026〕3号\n认为列入有误：判决已履行。"
    shown = run("records", "show", about, "--dir", asker, "-o", "json").json
    assert shown["annotations"] == ["objection-forwarded"]
    slip = directory / "slip.docx"
    made = run("requests", "letter", request, "--out", slip, "--dir", asker)
    assert made.code == 0, made.err
    for words in (
        "异议转办单",
        "认为列入有误：判决已履行。",
        "（印章）",
        "〔        〕    号",
        "泸州",
    ):
        assert words in text_of(slip), words
    again = run("requests", "letter", request, "--out", slip, "--dir", asker)
    assert again.code != 0  # nothing that was made is overwritten

    exchanged(directory)
    (listed,) = run("requests", "list", "--dir", city, "-o", "json").json
    assert (listed["statement_id"], listed["state"], listed["side"]) == (
        request,
        "received",
        "answer",
    )
    table = run("requests", "list", "--dir", city)
    for words in ("异议", "已收到", "未知"):
        assert words in table.out, words
    assert "objection" not in table.out
    for wrong in (("granted",), ("refused",), ("refused", "--reason", "request.limit")):
        assert run("requests", "answer", request, *wrong, "--dir", city).code == REFUSED
    assert run("requests", "answer", request, "perhaps", "--dir", city).code == USAGE
    said = run(
        *("requests", "answer", request, "granted", "--by", "withdrawal"),
        *(
            "--document",
            "泸信撤〔2026〕1号",
            "--date",
            REPAIRED.isoformat(),
            "--dir",
            city,
            "-o",
            "json",
        ),
    )
    assert said.code == 0, said.err
    assert said.json["state"] == "done"

    exchanged(directory)
    shown = run("requests", "show", request, "--dir", asker, "-o", "json").json
    assert (shown["state"], shown["listing"]["state"]) == ("done", "withdrawn")
    told = run("requests", "show", request, "--dir", asker)
    assert told.code == 0, told.err
    for words in ("由本地转出", "办结期限", "撤销 泸信撤〔2026〕1号", "已办结"):
        assert words in told.out, words
    for key in ("received_on", "asked_due_on", "answers", "statement_id", "{"):
        assert key not in told.out, key
    spoken = run("requests", "show", request, "--dir", asker, "--lang", "en")
    assert "forwarded from here" in spoken.out, spoken.err
    assert run("requests", "list", "--dir", asker, "-o", "json").json == []
    assert len(run("requests", "list", "--all", "--dir", asker, "-o", "json").json) == 1
    notice = directory / "notice.docx"
    run(
        "requests",
        "letter",
        request,
        "--out",
        notice,
        "--number",
        "自信告〔2026〕9号",
        "--dir",
        asker,
    )
    for words in (
        "异议处理告知书",
        "自信告〔2026〕9号",
        "已办结",
        "以撤销办结",
        "泸信撤〔2026〕1号",
    ):
        assert words in text_of(notice), words


def test_what_is_no_text_is_not_forwarded(directory: Path) -> None:
    asker = directory / ASKER.region
    about = run("records", "list", "--dir", asker, "-o", "json").json[1]["statement_id"]
    bad = directory / "bad.txt"
    for content in (b"\xff\xfe\x00", b"", "长".encode() * 4097):
        bad.write_bytes(content)
        ran = run(
            *("requests", "send", about, "--kind", "repair", "--received", "20261102"),
            *("--file", bad, "--dir", asker),
        )
        assert (ran.code, "request.text" in ran.err) == (REFUSED, True)


def test_a_letter_holds_what_no_document_could(tmp_path: Path) -> None:
    found_ = json.loads(
        json.dumps(
            {
                "statement_id": "00" * 16,
                "number": "转办〔2026〕00000000",
                "type": "repair-application",
                "state": "declined",
                "from": "自贡",
                "to": "泸州",
                "received_on": 20261102,
                "due": {"accept": None, "result": None},
                "text": "控\u0000制\u000b符",
                "record": {
                    "list_type": "judgment-defaulter",
                    "list_name": "失信被执行人",
                    "authority": "court",
                    "code": "1",
                    "document": "1号",
                },
                "listing": None,
                "answers": [
                    {
                        "action": "declined",
                        "city": "泸州",
                        "issued_at": 1_790_000_000,
                        "reason": "request.no-ground",
                        "result": None,
                    }
                ],
            }
        )
    )
    path = tmp_path / "letter.docx"
    path.write_bytes(letter(found_))
    said = text_of(path)
    named = "失信被执行人"  # the list by its name, not by its id
    for words in (
        "信用修复申请处理告知书",
        "控制符",
        "事实与依据不支持所请",
        "救济途径和期限",
        named,
    ):
        assert words in said, words
    for law in ("复议", "诉讼", "人民法院申请"):
        assert law not in said, "no law that nobody read"
    found_["state"] = "accepted"
    path.write_bytes(letter(found_))
    assert "未知（目录无已确认的期限）" in text_of(path)
