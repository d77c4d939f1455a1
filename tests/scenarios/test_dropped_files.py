"""Files as departments drop them, with the node's own intake behind the drop folder."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from federation.rows import State
from node.directory.config import SourceSection
from node.intake.drop_job import DropJob
from node.system.disk import Reserve
from tests.scenarios.test_plausible_reliefs import MARKET, RELIEF
from tests.support.tables import AUTHORITIES, LISTS, TABLES, TableDesk, city

WAGES = "拖欠农民工工资失信联合惩戒对象名单.xlsx"
MARKET_LIST = "market-severe-violation"


class Inbox:
    """The drop folders of three sources of one city."""

    def __init__(self, folder: Path) -> None:
        self.sources = {
            name: SourceSection(authorities=AUTHORITIES, list_types=lists, mapping=mapping)
            for name, lists, mapping in (
                ("mixed", LISTS, ""),
                ("market", (MARKET_LIST,), ""),
                ("broken", (MARKET_LIST,), "missing.yaml"),
            )
        }
        self.desk = TableDesk(city(folder)["510500"], folder, sources=self.sources)
        self.folder = folder / "inbox"
        self.now = 0.0
        self.reliefs, self.others = self.job(reliefs=True), self.job(reliefs=False)

    def job(self, *, reliefs: bool) -> DropJob:
        return DropJob(
            reliefs=reliefs,
            inbox=self.folder,
            sources=self.sources,
            settle_seconds=0,
            clock=lambda: self.now,
            intake=self.desk.intake,
            reserve=Reserve(self.folder.parent, 0),
            waiting=lambda: False,
            refusal=str,
        )

    def drop(self, source: str, name: str, *rows: Mapping[str, str]) -> Path:
        return self.desk.write(f"inbox/{source}/{name}", *rows)

    def copy(self, source: str, name: str, case: str) -> None:
        (self.folder / source / name).write_bytes((TABLES / case).read_bytes())

    def run(self) -> None:
        self.reliefs.run()
        self.others.run()
        self.now += 1000

    def names(self, source: str, where: str) -> list[str]:
        folder = self.folder / source / where
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def reasons(self, source: str, name: str) -> list[tuple[str, str]]:
        path = self.folder / source / "refused" / f"{name}.errors.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [(row["row"], row["code"]) for row in csv.DictReader(file)]


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    made = Inbox(tmp_path)
    yield made
    made.desk.writer.close()
    made.desk.node.store.close()


def test_f25_names_say_the_list_in_chinese(inbox: Inbox) -> None:
    inbox.copy("mixed", WAGES, "d-drop-names.xlsx")
    for name in ("~$名单.xlsx", "Thumbs.db", "名单.csv.crdownload"):
        inbox.drop("mixed", name, MARKET)
    inbox.run()
    assert inbox.names("mixed", "taken") == [WAGES]
    assert inbox.names("mixed", "refused") == []
    assert inbox.desk.states() == [State.ACTIVE]
    assert len(inbox.names("mixed", ".")) == 4


@pytest.mark.parametrize(
    "name", ["名单.xlsx", "unpaid-migrant-wages-1.xlsx", "拖欠农民工工资.xlsx"]
)
def test_f25_name_or_header_says_the_list(inbox: Inbox, name: str) -> None:
    inbox.copy("mixed", name, "d-drop-names.xlsx")
    inbox.run()
    assert inbox.names("mixed", "taken") == [name]


def test_f25_the_title_says_the_list(inbox: Inbox) -> None:
    for title, code in (("严重违法失信名单", "header.missing"), ("名单", "list.unnamed")):
        path = inbox.drop("mixed", f"{title[0]}.csv", {"甲": "1", "乙": "2"})
        path.write_text(f"泸州市{title},\n{path.read_text('utf-8')}", "utf-8")
        inbox.run()
        assert inbox.reasons("mixed", path.name) == [("0", code)]


@pytest.mark.parametrize("name", ["失信.csv", "失信被执行人和拖欠农民工工资.csv"])
def test_f25_a_file_of_no_one_list_is_refused(inbox: Inbox, name: str) -> None:
    inbox.drop("mixed", name, {"甲": "1", "乙": "2"})
    inbox.run()
    assert inbox.reasons("mixed", name) == [("0", "list.unnamed")]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("修复结果.csv", State.REPAIRED),
        ("信用修复.csv", State.REPAIRED),
        ("Repair-2026.csv", State.REPAIRED),
        ("撤销.csv", State.WITHDRAWN),
    ],
)
def test_f25_names_say_relief_in_chinese(inbox: Inbox, name: str, state: State) -> None:
    inbox.drop("market", "名单.csv", MARKET)
    inbox.run()
    inbox.drop("market", name, RELIEF)
    inbox.run()
    assert inbox.desk.states() == [state]
    assert name in inbox.names("market", "taken")


def test_f29_a_file_refused_whole_says_why(inbox: Inbox) -> None:
    name = "严重违法失信名单-gsxt.csv"
    inbox.copy("mixed", name, "d-refused-without-reason.csv")
    inbox.run()
    assert inbox.names("mixed", "refused") == [name, f"{name}.errors.csv"]
    assert inbox.reasons("mixed", name) == [("0", "header.missing")]


def test_f28_a_missing_mapping_stops_neither_others_nor_reliefs(inbox: Inbox) -> None:
    inbox.drop("broken", "名单.csv", MARKET)
    inbox.drop("market", "名单.csv", MARKET)
    inbox.run()
    assert inbox.names("market", "taken") == ["名单.csv"]
    ((source, stuck),) = inbox.others.problems()
    assert (source, stuck.code) == ("broken", "mapping.unreadable")
    inbox.drop("broken", "修复.csv", RELIEF)
    inbox.run()
    assert inbox.desk.states() == [State.REPAIRED]
    (inbox.folder.parent / "missing.yaml").write_bytes(
        (Path("adapters/files/mappings") / f"{MARKET_LIST}.yaml").read_bytes()
    )
    inbox.run()
    assert inbox.names("broken", "taken") == ["修复.csv", "名单.csv"]
    assert list(inbox.others.problems()) == []


def test_f28_names_that_are_too_long_or_no_text_stop_no_relief(inbox: Inbox) -> None:
    inbox.drop("market", "名单.csv", MARKET)
    inbox.run()
    inbox.drop("broken", "repair-" + "n" * 237 + ".csv", RELIEF | {"修复日期": "?"})
    inbox.drop("broken", "修复.csv".encode("gb18030").decode("utf-8", "surrogateescape"), RELIEF)
    inbox.drop("market", "repair.csv", RELIEF)
    inbox.run()
    assert inbox.desk.states() == [State.REPAIRED]
    assert len(inbox.names("broken", "taken")) == 3  # and one errors file
    assert "repair.csv" in inbox.names("market", "taken")


def test_f29_what_is_no_file_is_told_once_and_not_read(inbox: Inbox) -> None:
    folder = inbox.folder / "market"
    secret = inbox.drop("mixed", "../secret.csv", MARKET)
    (folder / "修复.csv").symlink_to(secret)
    (folder / "list.csv").symlink_to(secret)
    (folder / "2026年6月修复").mkdir()
    for name in ("archive", ".ssh", "taken"):
        (folder / name).mkdir(exist_ok=True)
    os.mkfifo(folder / "withdrawal.csv")
    inbox.run()
    told = [
        (job, stuck.title, stuck.code)
        for job in (inbox.reliefs, inbox.others)
        for _, stuck in job.problems()
    ]
    assert told == [
        (inbox.reliefs, "2026年6月修复 (+ 2)", "inbox.no-file"),
        (inbox.others, "list.csv", "inbox.no-file"),
    ]
    assert (inbox.desk.states(), inbox.names("market", "taken")) == ([], [])


def test_f30_a_relief_that_was_dropped_with_its_list(inbox: Inbox) -> None:
    inbox.drop("market", "修复.csv", RELIEF)
    inbox.drop("market", "名单.csv", MARKET)
    inbox.run()
    assert inbox.desk.states() == [State.ACTIVE]
    inbox.run()
    assert inbox.desk.states() == [State.REPAIRED]
    assert inbox.names("market", "taken") == ["修复.csv", "名单.csv"]


def test_f27_what_is_published_is_one_version(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that an operator names is overwritten between its two readings."""
    numbers = [f"泸市监严列〔2024〕{number}号" for number in range(9)]
    versions = [
        [MARKET | {"列入决定书文号": number, "列入原因": word} for number in numbers]
        for word in ("提交虚假材料", "拒不整改情形")
    ]
    path = inbox.desk.write("list.csv", *versions[0])
    monkeypatch.setattr(
        "node.intake.list_files.check_names", lambda _: inbox.desk.write("list.csv", *versions[1])
    )
    assert inbox.desk.publish(path, MARKET_LIST)["decisions"] == {"listed": 9}
    inbox.desk.write("list.csv", *versions[0])
    result = inbox.desk.publish(path, MARKET_LIST, kind="list")
    assert result["decisions"] == {"unchanged": 9}
    assert list((inbox.desk.folder / "reading").iterdir()) == []
