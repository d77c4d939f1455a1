"""`huxin check` on a real directory: what is shown, the exit codes, and that it is recorded.

Displays of third parties as well, in the same directory.

Covers node/cli/check.py, node/services/screening.py, node/screening/wiring.py, node/app/told.py,
node/cli/displays.py, node/services/displays.py, adapters/files/displays.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.checks import check_by_number
from adapters.sql.query_store import open_query_store
from crypto.keys import KeyType, Signer
from node.cli.check import _write
from node.cli.check_watch import _write_page
from node.cli.language import Language
from node.demo.members import DemoMember
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from tests.support.catalogs import PERSONS
from tests.support.commands import Ran, run
from tests.support.days import AHEAD
from tests.support.federation_dirs import (
    LIST_TYPE,
    WiredNode,
    code_of,
    document_of,
    exchange_all,
    found,
    name_of,
)
from tests.support.screened import MATTER, WAITING, matters_text

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="511500", name="宜宾")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """宜宾's directory; 泸州 lists subject 1."""
    folder = tmp_path_factory.mktemp("check-commands")
    found(folder, (CITY, PEER))
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    city.list_("1" * 32, 1)
    exchange_all(city, peer)
    for node in (city, peer):
        CatalogBook(store=node.store, now=SystemClock().now).adopt(
            matters_text(lists=(LIST_TYPE,)), PERSONS
        )
        node.job("reconcile")
        node.close()
    return folder / PEER.region


def numbers(directory: Path) -> set[str]:
    """Numbers of the checks that stand whole in a query store."""
    store = open_query_store(f"sqlite:///{directory / 'queries.db'}")
    with store.read() as reads:
        rows = reads.connection.exec_driver_sql(
            "SELECT c.number FROM checks c JOIN query_rows q ON q.query_id = c.query_id "
            "JOIN check_matches m ON m.number = c.number"
        )
        found = {row[0] for row in rows}
    store.close()
    return found


def arguments(directory: Path, number: int, *options: str, **changed: str) -> list[str]:
    asked = {
        "matter": MATTER,
        "case": "宜财〔2026〕12号",
        "purpose": "joint-punishment",
        "code": code_of(number),
        "name": name_of(number),
    } | changed
    pairs = [part for name, value in asked.items() for part in (f"--{name}", value)]
    return ["check", *pairs, "--dir", str(directory), *options]


def check(directory: Path, number: int, *options: str, **changed: str) -> Ran:
    return run(*arguments(directory, number, *options, **changed))


def follow_the_promise(directory: Path, answer: dict[str, Any]) -> None:
    """At the node and, out of an export, by who trusts none; what was edited is told (QX4)."""
    held, edited = directory.parent / "held.json", directory.parent / "edited.json"
    held.write_text(json.dumps(answer), "utf-8")
    edited.write_text(json.dumps(answer["promise"] | {"at": answer["at"] + 60}), "utf-8")
    folder = directory.parent / "exported"
    here = ("access", "verify", "--dir", directory, "-o", "json", "--promise")
    assert run(*here, held).json["promises"] == 1
    wrong = run(*here, edited)
    assert (wrong.code, f"{edited}：at 与所签的不同" in wrong.err) == (3, True)
    assert run("access", "export", folder, "--dir", directory).code == 0
    away = ("access", "verify-export", folder, "-o", "json", "--promise")
    (found,) = run(*away, held).json["promises"]
    assert found["query_id"] == answer["promise"]["query_id"]
    (charter,) = (directory / "charters").rglob("1.json")
    trusted = ("--charter", charter, "--pin", charter.parent.name)
    named = run(*away, held, *trusted)
    assert (named.code, named.json["trust"]) == (0, f"charter {charter.parent.name}")
    lone = run(*away, held, "--pin", charter.parent.name)
    assert (lone.code, "--charter" in lone.err) == (2, True)
    audited = directory.parent / "audited"
    assert run("audit", "export", audited, "--dir", directory).code == 0
    by_export = run(*away, held, "--pin", charter.parent.name, "--seen", audited)
    assert by_export.json == named.json
    key = (folder / "key").read_text("utf-8")
    other = Signer(name=answer["promise"]["origin"], type=KeyType.NOTE, seed=bytes(32))
    (folder / "key").write_text(str(other.verifier), "utf-8")
    unknown = run(*away, held, *trusted)
    assert (unknown.code, "queries.key-unknown" in unknown.err) == (3, True), "QX1"
    (folder / "key").write_text(key, "utf-8")
    wrong = run(*away, edited)
    assert (wrong.code, [one["file"] for one in wrong.json["findings"]]) == (1, [str(edited)])


def test_a_match_is_shown_with_its_measure_and_is_recorded(directory: Path) -> None:
    ran = check(directory, 1, "-o", "json", request="r-1")
    assert ran.code == 1, ran.err
    answer = ran.json
    assert (answer["result"], answer["matches"][0]["measures"][0]["class"]) == ("match", "prompt")
    store = open_query_store(f"sqlite:///{directory / 'queries.db'}")
    with store.read() as reads:
        kept = check_by_number(reads, answer["number"])
    store.close()
    assert kept is not None
    assert kept.query_id.hex() == answer["promise"]["query_id"]
    shown = check(directory, 1, request="r-1")
    assert (shown.code, shown.err) == (1, "")
    follow_the_promise(directory, answer)
    for word in (answer["number"], "命中", "提示", "限制政府资金支持", "名单（演示）"):
        assert word in shown.out
    assert "match" in check(directory, 1, "--lang", "en").out


def test_a_listing_without_a_measure_is_no_bare_match(capsys: pytest.CaptureFixture[str]) -> None:
    lacking: dict[str, Any] = {
        "matches": [],
        "notes": [],
        "coverage": [],
        "codes": [],
        "superseded": [],
    }
    answer = lacking | {"number": "1", "at": 0, "complete": True, "normalised": []}
    for listed, said in (([], "列入，无措施，不得据此限制"), (["m"], "命中")):
        measures = [{"class": "prompt", "name": one, "basis": "", "manner": ""} for one in listed]
        match: dict[str, Any] = dict.fromkeys(
            ("statement_id", "list_name", "authority_name", "document", "until", "message"), "x"
        )
        match |= {"measures": measures, "due_on": 0}
        _write(answer | {"result": "match", "matches": [match]}, Language.ZH)
        out = capsys.readouterr().out
        assert said in out
        assert ("命中" in out) == bool(listed)


def test_an_event_of_a_listing_without_a_measure_is_no_bare_match(
    capsys: pytest.CaptureFixture[str],
) -> None:
    codes = ("watch.now-match", "watch.match-began")
    cases: tuple[tuple[list[Any], str], ...] = (
        ([], "列入，无措施，不得据此限制"),
        ([{}], "命中"),
    )
    for measures, said in cases:
        event = {
            "row": 1,
            "code": "c",
            "name": "n",
            "changed": [{"code": one} for one in codes],
            "result": "match",
            "matches": [{"measures": measures}],
        }
        page = {"events": [event], "logs": [], "at": 0, "position": "p", "pending": 0}
        _write_page(page, Language.ZH)
        out = capsys.readouterr().out
        assert said in out
        assert ("命中" in out) == bool(measures)
        assert all(one in out for one in codes)


def test_until_a_member_has_answered_our_own_listings_do_not_count(directory: Path) -> None:
    """A machine that was set back as a whole lacks reliefs of its own, and cannot know."""
    node = WiredNode(directory.parent / CITY.region, asks=True)
    question = {
        "request_id": "r-1",
        "matter": MATTER,
        "case_no": "1",
        "purpose": "joint-punishment",
        "code": code_of(1),
        "name": name_of(1),
    }
    ask = partial(node.parts.screening.ask, node.parts.access.local(), question)
    answer = ask().result()
    assert (answer["result"], answer["complete"]) == ("clear", False)
    assert answer["coverage"][0]["state"] == "refused"
    node.asking.end()
    answer = ask().result()
    assert (answer["result"], answer["coverage"][0]["state"]) == ("match", "ok")
    node.close()


def test_nothing_found_is_0_and_what_is_not_certain_is_1(directory: Path) -> None:
    ran = check(directory, 2)
    assert (ran.code, ran.err) == (0, "")
    assert "未发现" in ran.out
    ran = check(directory, 1, name="别的公司（演示）")
    assert ran.code == 1
    assert "无法判定" in ran.out
    assert name_of(1) in ran.out


@pytest.mark.parametrize(
    ("changed", "code", "exit_code"),
    [
        ({"matter": "unheard-of"}, "matter.unknown", 3),
        ({"matter": WAITING}, "matter.unconfirmed", 3),
        ({"code": "510502199001011234"}, "question.natural-person", 2),
        ({"case": "1" * 10_000}, "question.case-no", 2),
        ({"purpose": "curiosity"}, "question.purpose", 2),
    ],
)
def test_what_is_refused_says_why(
    directory: Path, changed: dict[str, str], code: str, exit_code: int
) -> None:
    ran = check(directory, 1, **changed)
    assert (ran.code, ran.out) == (exit_code, "")
    assert code in ran.err
    assert len(ran.err) < 2000


@pytest.mark.parametrize(("moment", "rows"), [("before", 0), ("after", 1)])
def test_ck13_an_answer_that_was_given_is_recorded_and_one_that_is_recorded_is_given_again(
    directory: Path, tmp_path: Path, moment: str, rows: int
) -> None:
    node = tmp_path / "node"
    shutil.copytree(directory, node)
    earlier = numbers(node)
    command = arguments(node, 1, "-o", "json", request="crash")
    killed = subprocess.run(
        [sys.executable, "-c", "from node.cli.main import main; main()", *command],
        cwd=ROOT,
        env=os.environ | {"HUXIN_FAILPOINT": f"check.record:{moment}"},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert (killed.returncode, killed.stdout) == (-9, b"")
    durable = numbers(node) - earlier
    assert len(durable) == rows
    answer = check(node, 1, "-o", "json", request="crash").json
    assert (answer["result"], answer["superseded"]) == ("match", [])
    assert numbers(node) - earlier == durable | {answer["number"]} == {answer["number"]}


def displays(directory: Path, *words: str) -> Ran:
    return run("repairs", "displays", *words, "--dir", str(directory))


def test_a_third_partys_file_is_compared_row_by_row(directory: Path, tmp_path: Path) -> None:
    city, peer = WiredNode(directory.parent / CITY.region), WiredNode(directory)
    listed = [city.list_(f"{number}" * 32, number) for number in (7, 8)]
    city.repair("d" * 32, listed[0].statement_id)
    exchange_all(city, peer)
    city.close()
    peer.close()
    file = tmp_path / "shown.csv"
    rows = [f"{code_of(number)},{document_of(CITY.region, number)}" for number in (7, 8)]
    file.write_text("\n".join(("代码,文书号", *rows, "1,2", "")), "utf-8")
    ran = displays(directory, "check", str(file), "--for", "甲征信（演示）", "-o", "json")
    assert ran.code == 1, ran.err
    (answer,) = ran.json
    assert [(one["row"], one["line"], one["ground"]) for one in answer["remove"]] == [
        (1, 2, "repaired")
    ]
    assert [(one["line"], one["code"]) for one in answer["refused"]] == [(4, "display.code")]
    shown = displays(directory, "check", str(file), "--for", "甲征信（演示）")
    for word in ("已修复", "1 (2)", "display.code"):
        assert word in shown.out
    assert name_of(7) not in shown.out
    assert "甲征信（演示）" in displays(directory, "list").out
    assert "已修复" in displays(directory, "show", answer["number"]).out
    assert displays(directory, "report").code == 0
    ran = displays(
        directory, "acknowledge", answer["number"], "--for", "甲征信（演示）", "--row", "1"
    )
    assert (ran.code, ran.json["acknowledged"]) == (0, [1])
    (party,) = displays(directory, "report", "-o", "json").json
    assert (party["told"], party["open"]) == (1, 0)
    file.write_text("代码\n1\n", "utf-8")
    ran = displays(directory, "check", str(file), "--for", "甲")
    assert (ran.code, ran.out) == (2, "")


# ------------------------------------------------------------------ watches


def watch(directory: Path, *arguments: object) -> Ran:
    return run("check", "watch", *arguments, "--dir", directory)


def opened(directory: Path, *options: object, **changed: str) -> Ran:
    terms = {
        "matter": MATTER,
        "case": "宜财〔2026〕12号",
        "purpose": "joint-punishment",
        "until": AHEAD.isoformat(),
    } | changed
    pairs = [part for name, value in terms.items() for part in (f"--{name}", value)]
    return watch(directory, "open", *pairs, *options)


def test_a_watch_of_a_file_tells_who_is_listed_and_goes_on_from_its_position(
    directory: Path, tmp_path: Path
) -> None:
    rows = [("统一社会信用代码", "企业名称"), *((code_of(n), name_of(n)) for n in (2, 1, 2))]
    file = tmp_path / "bidders.csv"
    file.write_text("\n".join([",".join(one) for one in rows] + ["110101199003070011,甲"]))
    ran = opened(directory, "--file", file, "-o", "json", request="w-1")
    assert (ran.code, ran.err) == (1, "")
    found = ran.json
    assert (found["state"], found["subjects"], found["rows"]) == ("open", 2, 4)
    assert [(one["row"], one["code"]) for one in found["refused"]] == [
        (4, "watch.duplicate"),
        (5, "question.natural-person"),
    ]
    again = opened(directory, "--file", file, "-o", "json", request="w-1").json
    assert again["watch"] == found["watch"]
    number = found["watch"]
    ran = watch(directory, "events", number, "-o", "json")
    assert (ran.code, ran.err) == (1, "")
    (event,) = ran.json["events"]
    assert (event["row"], event["code"], event["result"]) == (2, code_of(1), "match")
    after = ran.json["position"]
    shown = watch(directory, "events", number)
    for word in (name_of(1), "现在命中", "新的命中"):
        assert word in shown.out
    ran = watch(directory, "events", number, "--after", after)
    assert (ran.code, ran.err) == (0, "")
    assert after in ran.out
    listed = watch(directory, "list", "-o", "json").json
    assert [one["watch"] for one in listed] == [number]
    assert listed[0]["case_no"] == "宜财〔2026〕12号"
    assert "进行中" in watch(directory, "list").out
    assert watch(directory, "close", number, "-o", "json").json["state"] == "closed"
    assert "已结束" in watch(directory, "close", number).out
    ran = watch(directory, "events", number, "--after", after)
    assert (ran.code, "watch.closed" in ran.err) == (3, True)


@pytest.mark.parametrize(
    ("options", "changed", "code"),
    [
        ((), {}, 2),
        (("--code", "x", "--file", __file__), {}, 2),
        (("--code", code_of(1), "--name", name_of(1)), {"until": "2020-01-01"}, 2),
        (("--code", code_of(1), "--name", name_of(1)), {"until": "soon"}, 2),
        (("--code", "x", "--name", " "), {}, 2),
        (("--file", __file__), {}, 2),
    ],
)
def test_what_cannot_be_watched(
    directory: Path, options: tuple[object, ...], changed: dict[str, str], code: int
) -> None:
    assert opened(directory, *options, **changed).code == code


def test_a_watch_that_is_none_and_a_position_that_is_none(directory: Path) -> None:
    ran = watch(directory, "events", "511500-20261129-000000000000")
    assert (ran.code, "watch.unknown" in ran.err) == (3, True)
    number = opened(directory, "--code", code_of(3), "--name", name_of(3), "-o", "json").json[
        "watch"
    ]
    ran = watch(directory, "events", number, "--after", "abc")
    assert (ran.code, "watch.position" in ran.err) == (3, True)
