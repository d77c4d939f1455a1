"""An export of 信用中国 comes by the command, and into the drop folder of its own source.

Covers node/cli/compare_export.py.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from node.demo.members import DemoMember
from node.directory.config import FILE_NAME
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, code_of, found, listing_of, set_key

CITY = DemoMember(region="510300", name="自贡")
FINDINGS, REFUSED = 1, 3


def export(path: Path, *states: str) -> Path:
    """Write an export with a row for each of the first listings."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("统一社会信用代码", "名单类型", "文书号", "公示状态"))
        for number, state in enumerate(states, 1):
            listed = listing_of(CITY.region, number)
            writer.writerow((code_of(number), listed.list_type, listed.document, state))
    return path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A node with five listings, and a source for exports."""
    found(tmp_path, (CITY,))
    folder = tmp_path / CITY.region
    set_key(folder, "settle_seconds", "0")
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write("\n[files.sources.nation]\ncomparison = true\n")
    node = WiredNode(folder)
    for number in range(1, 6):
        node.list_(str(number) * 32, number)
    node.close()
    return folder


def states(directory: Path) -> list[str]:
    """The states of the listings, in order."""
    return [one["state"] for one in run("records", "list", "--dir", directory, "-o", "json").json]


def test_the_command_compares_and_stops(directory: Path, tmp_path: Path) -> None:
    file = export(tmp_path / "export.csv", "已修复", "公示中", "公示中", "公示中", "公示中")
    same = export(tmp_path / "same.csv", "公示中")
    tried = run("repairs", "compare", file, "--dry-run", "--dir", directory, "-o", "json")
    assert (tried.code, tried.json["decisions"]["paused"]) == (FINDINGS, 1)
    assert states(directory).count("paused") == 0
    ran = run("repairs", "compare", file, "--dir", directory)
    assert (ran.code, states(directory).count("paused")) == (FINDINGS, 1)
    assert "信用中国已终止，本地已暂停" in ran.out
    assert "comparison.ended-there" in (tmp_path / "export.csv.errors.csv").read_text("utf-8-sig")
    agreeing = run("repairs", "compare", same, "--lang", "en", "--dir", directory)
    assert agreeing.code == 0


def test_much_that_is_absent_needs_two_persons(directory: Path, tmp_path: Path) -> None:
    file = export(tmp_path / "all.csv", "公示中", "公示中")
    alone = ("repairs", "compare", file, "--full", "--dir", directory)
    ran = run(*alone, "-o", "json")
    assert (ran.code, ran.json["faults"]) == (FINDINGS, {"comparison.too-much-absent": 1})
    said = (*alone, "--much-absent", "--reason", "已核对", "--by", "张某")
    assert run(*said).code == REFUSED
    assert states(directory).count("paused") == 0
    assert run(*said, "--by", "李某").code == FINDINGS
    assert states(directory).count("paused") == 3


def test_the_folder_of_its_source_takes_it(directory: Path) -> None:
    inbox = directory / "inbox" / "nation"
    inbox.mkdir(parents=True, exist_ok=True)
    export(inbox / "修复名单-部分.csv", "已修复", "公示中")
    (inbox / "修复名单-部分.csv.done").touch()
    export(inbox / "全量-20260920.csv", "公示中", "公示中", "公示中", "公示中")
    (inbox / "全量-20260920.csv.done").touch()
    node = WiredNode(directory)
    node.job("reliefs")
    node.close()
    taken = sorted(path.name for path in (inbox / "taken").iterdir())
    assert {"修复名单-部分.csv", "修复名单-部分.csv.errors.csv", "全量-20260920.csv"} <= set(taken)
    assert states(directory).count("paused") == 2
