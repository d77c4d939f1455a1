"""The commands of docs/quality.md, run on a node whose receivers told what became of its lists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from node.demo.members import DemoMember
from tests.support.commands import run
from tests.support.federation_dirs import WiredNode, exchange_all, found, set_key, write_list

DOCUMENT = Path(__file__).parents[2] / "docs" / "quality.md"
CITY = DemoMember(region="510300", name="自贡")
PEER = DemoMember(region="510500", name="泸州")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a node with a file taken, of which one row was refused."""
    folder = tmp_path_factory.mktemp("quality")
    found(folder, (CITY, PEER))
    set_key(folder / PEER.region, "seconds", "0")
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
    assert row["compliant"] == 3 - len(row["records"]["not_compliant"])
    assert all(set(line) == {"zh", "en"} for line in said["formulas"])


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
    assert ran.code == 2
