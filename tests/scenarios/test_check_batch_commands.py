"""`huxin check --file` on a real directory: results by row, cut off and gone on with.

Covers node/cli/check_batch.py, node/services/batches.py, adapters/files/subjects.py.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.sql.query_schema import checks
from adapters.sql.query_store import open_query_store
from federation.screening.batches import PART_ROWS
from federation.uscc import make_uscc
from node.cli import check_batch
from node.demo.members import DemoMember
from node.reconcile.catalog_book import CatalogBook
from node.system.clock import SystemClock
from tests.support.catalogs import PERSONS
from tests.support.commands import run
from tests.support.federation_dirs import (
    LIST_TYPE,
    WiredNode,
    code_of,
    exchange_all,
    found,
    name_of,
)
from tests.support.screened import MATTER, matters_text

CITY = DemoMember(region="510500", name="泸州")
PEER = DemoMember(region="511500", name="宜宾")
ROOT = Path(__file__).parents[2]
PERSON = "510502199001011234"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """宜宾's directory; 泸州 lists subjects 1 and 2."""
    folder = tmp_path_factory.mktemp("check-batch-commands")
    found(folder, (CITY, PEER))
    city, peer = WiredNode(folder / CITY.region), WiredNode(folder / PEER.region)
    for number in (1, 2):
        city.list_(f"{number}" * 32, number)
    exchange_all(city, peer)
    for node in (city, peer):
        CatalogBook(store=node.store, now=SystemClock().now).adopt(
            matters_text(lists=(LIST_TYPE,)), PERSONS
        )
        node.job("reconcile")
        node.close()
    return folder / PEER.region


def arguments(directory: Path, file: Path, out: Path, *more: str) -> list[str]:
    asked = ("--matter", MATTER, "--case", "宜招〔2026〕1号", "--purpose", "joint-punishment")
    return [
        *("check", "--file", str(file), "--out", str(out), *asked),
        *("--dir", str(directory), *more),
    ]


def table(path: Path, *rows: tuple[str, str], header: str = "统一社会信用代码,投标人名称") -> Path:
    path.write_text("\n".join([header, *(",".join(row) for row in rows), ""]), "utf-8")
    return path


def subject(number: int) -> tuple[str, str]:
    return code_of(number), name_of(number)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_is_answered_row_by_row_and_what_is_faulty_beside_the_others(
    directory: Path, tmp_path: Path
) -> None:
    bad = (code_of(6)[:-1] + "0", name_of(6))
    rows = [
        *(subject(1), subject(3), (PERSON, "张三"), ('"=1+1"', name_of(4)), subject(1)),
        *(bad, ("", name_of(5)), (code_of(2).lower(), name_of(2))),
    ]
    file = table(tmp_path / "bidders.csv", *rows)
    out = tmp_path / "out"
    ran = run(*arguments(directory, file, out))
    assert (ran.code, ran.err) == (1, "")
    for word in ("批次编号", "截至", "命中", "未受理"):
        assert word in ran.out
    found = lines(out / "result.csv")
    assert [int(one["row"]) for one in found] == list(range(2, 10))
    assert [one["result"] for one in found] == [
        *("match", "clear", "refused", "refused", "match", "insufficient", "refused", "match"),
    ]
    assert found[0]["number"] == found[4]["number"] != found[7]["number"]
    assert found[0]["measures"] == "limit-funds:prompt"
    assert found[0]["records"].startswith("510500.")
    assert [(one["row"], one["code"]) for one in lines(out / "errors.csv")] == [
        ("4", "question.natural-person"),
        ("5", "cell.formula"),
        ("8", "question.code"),
    ]
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    counted = {key: summary[key] for key in ("rows", "clear", "matches", "insufficient", "refused")}
    assert counted == {"rows": 8, "clear": 1, "matches": 3, "insufficient": 1, "refused": 3}
    assert summary["as_of"]["at"] <= summary["closed"]["at"]
    assert not (out / ".progress").exists()
    for one in out.iterdir():
        assert name_of(1) not in (text := one.read_text("utf-8"))
        assert code_of(1) not in text
    shown = run("outcomes", "show", found[0]["number"], "--dir", str(directory))
    assert name_of(1) in shown.out
    again = run(*arguments(directory, file, out))
    assert (again.code, again.out) == (3, "")
    assert "batch.done" in again.err


def test_among_many_rows_the_odd_ones_alone_are_read_one_by_one(
    directory: Path, tmp_path: Path
) -> None:
    """More rows than a part has: plain ones, and a damaged, folded, doubled, personal one."""
    rows = [
        f"{make_uscc('91510500', f'QA{number:06}')},登记示例{number}号公司（演示）".encode()
        for number in range(PART_ROWS + 500)
    ]
    odd = {
        100: f"{code_of(1)},{name_of(1)}".encode(),
        101: code_of(2).encode() + b",\xff\xfe",
        102: f"{PERSON},张三".encode(),
        103: "=1+1,甲".encode(),
        104: f'{code_of(3)},"{name_of(3)}\n"'.encode(),
        105: f"{code_of(1)},{name_of(1)}".encode(),
        106: f"{code_of(4)[:-1]}?,{name_of(4)}".encode(),
    }
    for at, row in odd.items():
        rows[at] = row
    file = tmp_path / "register.csv"
    file.write_bytes("代码,名称\n".encode() + b"\n".join(rows))
    out = tmp_path / "out"
    ran = run(*arguments(directory, file, out, "-o", "json"))
    assert (ran.code, ran.err) == (1, "")
    found = lines(out / "result.csv")
    assert [int(one["row"]) for one in found] == list(range(2, len(rows) + 2))
    others = {int(one["row"]) - 2: one for one in found if one["result"] != "clear"}
    assert {at: one["result"] for at, one in others.items()} == {
        **dict.fromkeys((100, 105), "match"),
        **dict.fromkeys((101, 102, 103), "refused"),
        106: "insufficient",
    }
    assert others[100]["number"] == others[105]["number"]
    faults = {int(one["row"]) - 2: one["code"] for one in lines(out / "errors.csv")}
    assert faults == {101: "row.encoding", 102: "question.natural-person", 103: "cell.formula"}
    assert (ran.json["rows"], ran.json["clear"]) == (len(rows), len(rows) - 6)


def known(directory: Path) -> set[str]:
    """Numbers of all checks that are kept."""
    with open_query_store(f"sqlite:///{directory / 'queries.db'}").read() as reads:
        return set(reads.connection.execute(select(checks.c.number)).scalars())


KILLED = ("batch.record:after:2", "batch.close:before")
EVERYWHERE = (*KILLED, "batch.record:before", "batch.close:after")


@pytest.mark.parametrize("failpoint", EVERYWHERE if os.environ.get("HUXIN_SOAK") else KILLED)
def test_ba5_what_was_cut_off_goes_on_in_another_process_and_says_the_same(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failpoint: str
) -> None:
    node, out = tmp_path / "node", tmp_path / "out"
    shutil.copytree(directory, node)
    earlier = known(node)
    monkeypatch.setattr(check_batch, "PART_ROWS", 2)
    rows = [subject(number) for number in (1, 3, 4, 2, 1)]
    file = table(tmp_path / "bidders.csv", *rows)
    program = (
        "from node.cli import check_batch; check_batch.PART_ROWS = 2; "
        "from node.cli.main import main; main()"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, *arguments(node, file, out)],
        cwd=ROOT,
        env=os.environ | {"HUXIN_FAILPOINT": failpoint},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert (killed.returncode, killed.stdout) == (-9, b"")
    durable = known(node) - earlier
    assert not (out / "result.csv").exists()
    for path in (out / ".progress").iterdir():
        content = path.read_bytes()
        assert not any(value.encode() in content for row in rows for value in row)
    changed = table(tmp_path / "others.csv", *rows[1:])
    refused = run(*arguments(node, changed, out))
    assert (refused.code, "batch.input-changed" in refused.err) == (3, True)
    ran = run(*arguments(node, file, out, "-o", "json"))
    assert ran.code == 1, ran.err
    counted = {key: ran.json[key] for key in ("rows", "clear", "matches", "changed")}
    assert counted == {"rows": 5, "clear": 2, "matches": 3, "changed": 0}
    found = lines(out / "result.csv")
    assert [one["result"] for one in found] == ["match", "clear", "clear", "match", "match"]
    numbers = {one["number"] for one in found} - {""}
    assert known(node) - earlier == numbers
    assert durable <= numbers
    assert len(numbers) == 2


def test_an_input_that_changes_while_it_is_read_has_no_result(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = table(tmp_path / "bidders.csv", subject(3))
    digests = iter(["0" * 64, "1" * 64])
    monkeypatch.setattr(check_batch, "_digest", lambda _: next(digests))
    ran = run(*arguments(directory, file, tmp_path / "out"))
    assert (ran.code, ran.out) == (3, "")
    assert "batch.input-changed" in ran.err
    assert not (tmp_path / "out" / "result.csv").exists()


def test_what_is_refused_before_a_row_is_asked_is_mended_in_the_same_directory(
    directory: Path, tmp_path: Path
) -> None:
    file = table(tmp_path / "bidders.csv", subject(3))
    out = tmp_path / "out"
    headless = table(tmp_path / "headless.csv", subject(3), header="代码,电话")
    refused = run(*arguments(directory, headless, out))
    assert (refused.code, "header.missing" in refused.err) == (2, True)
    assert "更正文件后重试" in refused.err
    for option, value, code in (
        ("--matter", "nothing", "matter.unknown"),
        ("--purpose", "none", "question.purpose"),
    ):
        refused = run(*arguments(directory, file, out, option, value))
        assert code in refused.err
    ran = run(*arguments(directory, file, out, "-o", "json"))
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["clear"] == 1


def test_a_table_that_breaks_off_or_is_none_says_why(directory: Path, tmp_path: Path) -> None:
    file = table(tmp_path / "bidders.csv", subject(3), header="代码,电话")
    ran = run(*arguments(directory, file, tmp_path / "out"))
    assert (ran.code, ran.out) == (2, "")
    assert "header.missing" in ran.err
    assert not (tmp_path / "out" / "result.csv").exists()
    half = ("--file", str(file), "--code", "1", "--name", "2")
    ran = run("check", *half, "--matter", "m", "--case", "1", "--purpose", "joint-punishment")
    assert (ran.code, "--out" in ran.err) == (2, True)
