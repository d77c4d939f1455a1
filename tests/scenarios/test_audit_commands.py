"""`huxin audit export|verify` on two nodes: from a repair to a report that can be handed in.

Covers node/cli/audit.py, node/cli/alliance.py, node/cli/auditing.py, node/cli/log.py,
node/audit/exporting.py, node/audit/document.py, node/audit/page.py, node/audit/story.py,
node/audit/held.py, node/audit/alliance_document.py, node/audit/alliance_page.py,
node/access/checkpoints.py, node/cli/log_publish.py, node/texts/audit.py, node/texts/alliance.py.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import load_workbook

from crypto.notes import parse_note, verify_note
from federation.ids import Origin
from federation.relief.audit_note import parse_audit_note
from node.demo.members import DemoMember
from node.demo.offices import Offices
from node.directory.keys import load_keys
from node.system.clock import SystemClock
from tests.support.commands import run
from tests.support.days import REPAIRED
from tests.support.federation_dirs import WiredNode, code_of, exchange_all, found, write_list

pytestmark = pytest.mark.usefixtures("one_day")

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="510300", name="自贡")
CLEAN, FINDINGS, INCOMPLETE, REFUSED = 0, 1, 2, 3


def exchanged(folder: Path, *jobs: str) -> None:
    """Let each have what the other said, twice, with jobs of both in between.

    Before they look for what is acknowledged their platforms acknowledge all.
    """
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    exchange_all(city, peer)
    for name in jobs:
        if name == "acknowledged":
            Offices(folder, lambda: None).look()
        for node in (city, peer):
            node.job(name)
    exchange_all(city, peer)
    for node in (city, peer):
        node.close()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The exports of two nodes of a repair that both executed, and the alliance."""
    folder = tmp_path_factory.mktemp("audit")
    found(folder, (CITY, PEER))
    city = WiredNode(folder / CITY.region)
    write_list(folder / "list.csv", city.me, range(2))
    city.publish_list(folder / "list.csv")
    city.close()
    exchanged(folder, "reconcile", "receipt")
    listing = run("records", "list", "--dir", folder / CITY.region, "-o", "json").json[0]
    said = run(
        *("repair", listing["statement_id"], "--document", "泸信修决〔2026〕9号"),
        *("--date", REPAIRED.isoformat(), "--dir", folder / CITY.region),
    )
    assert said.code == 0, said.err
    exchanged(folder, "reconcile", "outbox", "acknowledged", "receipt", "erasure")
    exchanged(folder, "hearing")
    for one in (CITY, PEER):
        made = run("audit", "export", folder / "out" / one.region, "--dir", folder / one.region)
        assert made.code == 0, made.err
    again = run(
        *("audit", "export", folder / "out" / CITY.region, "--dir", folder / CITY.region),
        *("-o", "json"),
    )
    return folder / "out", again.json["pins"][0]


def test_an_honest_pair_is_clean_and_the_report_can_be_handed_in(
    exports: tuple[Path, str], tmp_path: Path
) -> None:
    out, pin = exports
    node = out.parent / CITY.region
    ran = run(
        *("audit", "verify", out / CITY.region, out / PEER.region, "--pin", pin),
        *("--report", tmp_path / "报告", "--sign", "--dir", node, "--processes", 1),
    )
    assert (ran.code, "未发现问题" in ran.out) == (CLEAN, True), ran.out + ran.err
    data = {
        name: (tmp_path / "报告" / name).read_bytes() for name in ("report.json", "report.html")
    }
    document = json.loads(data["report.json"])
    assert (document["result"], document["findings"], document["incomplete"]) == ("clean", [], [])
    assert {log["city"] for log in document["logs"]} == {"泸州", "自贡"}
    (relief,) = document["reliefs"]
    assert (relief["city"], relief["kind"], relief["due"]) == ("泸州", "REPAIR", relief["due"])
    assert [one["verdict"] for one in relief["members"]] == ["in-time"]
    assert document["not_looked_at"] == [{"code": "openings.closed", "what": ""}]
    page = data["report.html"].decode()
    assert "交换日志审计报告" in page
    assert "自贡：按时解除" in page
    note = parse_note((tmp_path / "报告/report.note").read_bytes())
    signer = load_keys(node / "keys", Origin("510500.huxin.example/1")).document
    assert signer is not None
    key = signer.verifier
    assert verify_note(note, [key]) == (key,)
    for name, written in data.items():
        assert f"{sha256(written).hexdigest()}  {name}" in note.text
    said = parse_audit_note(note.text)
    assert (said.result, said.logs[Origin("510500.huxin.example/1")][0]) == (
        "clean",
        next(log["size"] for log in document["logs"] if log["city"] == "泸州"),
    )
    for number in range(2):  # one of the two was repaired; of the other it gives none
        asked = ("--subject", code_of(number), "--audit-report", tmp_path / "报告")
        relieved = relief["statement_id"]
        run("repairs", "certificate", relieved, tmp_path / "c.pdf", "--dir", node, *asked)
    shown = run("repairs", "verify", tmp_path / "c.pdf", "--pin", pin, "-o", "json").json
    assert (shown["audit"]["auditor"], shown["audit"]["result"]) == ("泸州", "clean")
    again = run("audit", "verify", out / PEER.region, "--pin", pin, "--report", tmp_path / "报告")
    assert again.code in (CLEAN, INCOMPLETE), again.err
    assert not (tmp_path / "报告/report.note").exists(), "it was of the report before"


def test_nothing_of_a_subject_is_in_an_export(exports: tuple[Path, str]) -> None:
    out, _ = exports
    listed = run("records", "list", "--dir", out.parent / CITY.region, "-o", "json").json
    said = [one["subject"] for one in listed if one["subject"]]
    assert said
    written = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    for subject in said:
        assert subject["code"].encode() not in written
        assert subject["name"].encode() not in written


def test_exit_codes_keep_findings_and_ignorance_apart(
    exports: tuple[Path, str], tmp_path: Path
) -> None:
    out, pin = exports
    one = out / CITY.region
    other = run("audit", "verify", one, "--pin", "00" * 32, "-o", "json")
    assert (other.code, other.json["result"]) == (INCOMPLETE, "incomplete")
    in_english = run("audit", "verify", one, "--pin", "00" * 32, "--lang", "en")
    assert "Not looked at" in in_english.out
    twice = run("audit", "verify", one, "--pin", pin, "--pin", pin, "-o", "json")
    assert (twice.code, twice.json["pins"]) == (CLEAN, [pin])
    more = one / "charters" / "more"
    more.write_bytes(b"x")
    try:
        found = run("audit", "verify", one, "--pin", pin, "--report", tmp_path)
        english = ("--report", tmp_path / "en", "--lang", "en")
        assert run("audit", "verify", one, "--pin", pin, *english).code == FINDINGS
        both = run("audit", "verify", out / PEER.region, one, "--pin", pin)
    finally:
        more.unlink()
    assert (found.code, "file.unexpected" in found.out) == (FINDINGS, True)
    assert "charters/more" in found.out
    assert "2: charters/more" in both.out
    assert "发现问题" in (tmp_path / "report.html").read_text("utf-8")
    page = (tmp_path / "en/report.html").read_text("utf-8")
    assert "this file is no part of the export<br>file.unexpected" in page
    assert run("audit", "verify", one, "--pin", "here").code == 2
    twice = run("audit", "verify", one, f"{one}/.", "--pin", pin)
    assert (twice.code, "同一目录" in twice.err) == (2, True)
    nameless = Path(os.fsdecode(os.fsencode(one / "notes") + b"/\xff"))
    nameless.write_bytes(b"x")
    try:
        found = run("audit", "verify", one, "--pin", pin, "--report", tmp_path, "-o", "json")
    finally:
        nameless.unlink()
    assert found.code == FINDINGS, found.err
    assert "notes/\\udcff" in (tmp_path / "report.json").read_text("utf-8")
    assert run("audit", "verify", one, "--pin", pin, "--sign").code == 2
    no_node = ("--report", tmp_path / "signed", "--sign", "--dir", tmp_path)
    unsigned = run("audit", "verify", one, "--pin", pin, *no_node)
    assert unsigned.code not in (CLEAN, FINDINGS, INCOMPLETE)
    assert "1/2" not in unsigned.err
    in_the_way = run("audit", "verify", one, "--pin", pin, "--report", one / "SHA256SUMS")
    assert (in_the_way.code, "1/2" in in_the_way.err) == (4, False)


def test_the_story_of_a_record_is_told(exports: tuple[Path, str]) -> None:
    out, _ = exports
    for region in (CITY.region, PEER.region):
        node = out.parent / region
        listing = next(
            one
            for one in run("records", "list", "--dir", node, "-o", "json").json
            if one["state"] == "repaired"
        )
        story = run("audit", "case", listing["statement_id"][:10], "--dir", node, "-o", "json").json
        said = [(one["city"], one["kind"], one["word"]) for one in story["told"]]
        assert said[0] == ("泸州", "listing", "")
        assert ("泸州", "repair", "") in said
        assert ("泸州", "erasure", "") in said
        assert ("自贡", "receipt", "lifted") in said
        assert story["missing"] == []
        repair = next(one["statement_id"] for one in story["told"] if one["kind"] == "repair")
        assert run("audit", "case", repair, "--dir", node, "-o", "json").json == story
        told = run("audit", "case", repair, "--dir", node)
        assert "回执：已解除（列入）" in told.out
        if region == CITY.region:
            (arrived,) = [one for one in story["told"] if one["kind"] == "arrival"]
            assert (arrived["city"], arrived["about"]) == ("自贡", repair)
            assert arrived["proved_at"] is not None
            assert "到达，镜像已签名（修复）" in told.out
            english = run("audit", "case", repair, "--dir", node, "--lang", "en")
            assert "arrival (repair)" in english.out
        assert run("audit", "case", "ffffffff", "--dir", node).code == REFUSED


def test_a_log_is_followed_from_static_files(exports: tuple[Path, str], tmp_path: Path) -> None:
    out, pin = exports
    one, copy = out / PEER.region, tmp_path / "copy"
    charter = one / "charters" / pin / "1.json"
    source = one / "logs" / "510500.huxin.example__1"
    asked = ("log", "follow", source, copy, "--charter", charter, "--pin", pin)
    first = run(*asked, "-o", "json")
    assert (first.code, first.json["what"]) == (CLEAN, "grown"), first.err
    assert run(*asked, "-o", "json").json["what"] == "same"
    assert "无变化" in run(*asked).out
    verified = run("log", "verify", copy, "--charter", charter, "-o", "json")
    assert (verified.code, verified.json["logs"][0]["size"]) == (CLEAN, first.json["size"])
    nobody = run("log", "follow", "http://127.0.0.1:9/log", copy, "--charter", charter)
    assert (nobody.code, "source.failed" in nobody.err) == (4, True)
    other = run(*asked[:-1], "00" * 32)
    assert other.code != 0


def test_a_reader_with_an_export_has_the_figures_of_the_node(
    exports: tuple[Path, str], tmp_path: Path
) -> None:
    out, pin = exports
    node = out.parent / CITY.region
    asked = ("alliance", "report", "--quarter", quarter(), "-o", "json")
    told = run(*asked, "--dir", node)
    assert told.code == 0, told.err
    read = run(*asked, "--export", out / CITY.region, "--pin", pin)
    assert read.json == told.json
    assert told.json["not_counted"] == []
    totals = told.json["totals"]
    assert (totals["listed"], totals["relieved"], totals["in-time"]) == (2, 1, 1)
    public = run(*asked, "--dir", node, "--public")
    assert public.json["threshold"] == 5
    assert public.json == run(*asked, "--public", "--export", out / CITY.region, "--pin", pin).json
    files = ("--html", tmp_path / "a.html", "--xlsx", tmp_path / "a.xlsx")
    shown = run("alliance", "report", "--quarter", quarter(), "--dir", node, *files)
    assert (shown.code, "按时解除" in shown.out) == (0, True), shown.err
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "510500.huxin.example/1#0-1" in page
    assert 'class="bar s0"' in page
    sheets = load_workbook(tmp_path / "a.xlsx").sheetnames
    assert "交换 按城市" in sheets
    english = run("alliance", "report", "--quarter", quarter(), "--dir", node, "--lang", "en")
    assert "lifted in time" in english.out
    assert run("alliance", "report", "--dir", node).code == 2
    assert run(*asked, "--export", out / CITY.region).code == 2
    other = run(*asked, "--export", out / CITY.region, "--pin", "00" * 32)
    assert (other.code, "charter.missing" in other.err) == (REFUSED, True)


def quarter() -> str:
    """The quarter of today, in China."""
    today = SystemClock().today()
    return f"{today // 10_000}-Q{(today // 100 % 100 + 2) // 3}"


def test_an_export_goes_on_where_an_earlier_one_ended(
    exports: tuple[Path, str], tmp_path: Path
) -> None:
    out, pin = exports
    node = out.parent / CITY.region
    later = run(
        *("audit", "export", tmp_path / "later", "--dir", node, "-o", "json"),
        *("--since", out / CITY.region),
    )
    assert [one["since"] for one in later.json["logs"]] == [0, 0]  # of few leaves nothing is whole
    assert run("audit", "verify", tmp_path / "later", "--pin", pin).code == CLEAN
    day = run("audit", "export", tmp_path / "day", "--dir", node, "--since", "2026-01-01")
    assert day.code == 0, day.err
    for wrong in ("2026-13-01", tmp_path, tmp_path / "day"):
        asked = ("audit", "export", tmp_path / "day", "--dir", node, "--since", wrong)
        assert run(*asked).code == 2


def test_logs_are_published_as_a_folder_that_grows(
    exports: tuple[Path, str], tmp_path: Path
) -> None:
    out, pin = exports
    node, shown = out.parent / CITY.region, tmp_path / "shown"
    refused = run("log", "publish", shown, "--dir", node)
    assert (refused.code, "publish.nothing" in refused.err) == (REFUSED, True)
    first = run("log", "publish", shown, "--dir", node, "--members", "-o", "json")
    assert (first.code, [one["before"] for one in first.json["logs"]]) == (CLEAN, [0, 0])
    again = run("log", "publish", shown, "--dir", node, "--members", "-o", "json")
    assert all(one["before"] == one["size"] for one in again.json["logs"])
    state = ("--state", tmp_path / "state", "--pin", pin, "--once")
    told = run("monitor", "watch", shown, *state, "-o", "json")
    assert (told.code, told.json["findings"], len(told.json["logs"])) == (CLEAN, [], 2), told.out


def test_an_export_takes_no_place_of_anything_else(exports: tuple[Path, str]) -> None:
    out, _ = exports
    node = out.parent / CITY.region
    there = run("audit", "export", node / "keys", "--dir", node)
    assert (there.code, "export.in-the-way" in there.err) == (REFUSED, True)
    assert (node / "keys/log.key").exists()
    nameless = run("audit", "export", "/", "--dir", node)
    assert (nameless.code, "export.in-the-way" in nameless.err) == (REFUSED, True)
    ended = out / ".huxin-audit-old-again/left"  # by a run that was ended between its last steps
    ended.mkdir(parents=True)
    assert run("audit", "export", out / "again", "--dir", node).code == 0
    empty = run("audit", "export", out / "again", "--dir", node)
    assert empty.code == 0, empty.err
    assert (out / "again/SHA256SUMS").exists()
    assert not ended.exists()
