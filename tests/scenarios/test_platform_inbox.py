"""Rows of a platform's inbox through the intake into the log, and the answers beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, make_url

from adapters.platform.errors import PlatformError
from adapters.platform.inbox import Answer, InboxRow
from federation.errors import RefusedError
from federation.ids import MemberId
from federation.rows import State
from federation.statements import Kind
from node import inbox_job
from node.config import ConfigError, parse_config
from node.demo.members import LUZHOU, ZIGONG
from node.failpoints import Failpoints
from node.inbox_job import InboxTaking
from tests.support.crash_checks import rows_of
from tests.support.exchange_tables import change, laid, lay, make_tables
from tests.support.federation_dirs import (
    WiredNode,
    code_of,
    found,
    inbox_row,
    list_row,
    repair_row,
)

REGION = LUZHOU.region


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("inbox")
    found(made, (LUZHOU,))
    with (made / REGION / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n')
    return made / REGION


@pytest.fixture
def platform(founded: Path) -> URL:
    """An empty exchange database; the node and its log are those of the test before."""
    path = founded / "city.db"
    path.unlink(missing_ok=True)
    url = make_url(f"sqlite:///{path}")
    make_tables(url)
    return url


@pytest.fixture
def node(founded: Path, platform: URL) -> Iterator[WiredNode]:
    assert platform
    opened = WiredNode(founded)
    yield opened
    opened.close()


def said(row: Mapping[str, str]) -> dict[str, str]:
    cells: dict[str, str] = json.loads(row["content"])
    return cells


def answers(platform: URL) -> list[tuple[Any, Any]]:
    return [(row["outcome"], row["code"]) for row in laid(platform)]


def test_rows_are_listed_changed_and_relieved(node: WiredNode, platform: URL) -> None:
    lay(platform, list_row(REGION, 1), list_row(REGION, 2))
    node.job("platform.city")
    assert answers(platform) == [("listed", ""), ("listed", "")]
    ids = [row["statement_id"] for row in laid(platform)]
    assert [row.statement_id.hex() for row in rows_of(node, node.origin)] == ids
    changed = said(list_row(REGION, 1)) | {"告知日期": "2025-12-19"}
    change(platform, 1, json.dumps(changed, ensure_ascii=False))
    lay(platform, repair_row(REGION, 2))
    node.job("platform.city")
    assert answers(platform) == [("corrected", ""), ("listed", ""), ("relieved", "")]
    assert [row["statement_id"] for row in laid(platform)] == [*ids, ids[1]]
    kinds = [row.kind for row in rows_of(node, node.origin)]
    assert kinds == [Kind.LISTING, Kind.LISTING, Kind.CORRECTION, Kind.REPAIR]
    change(platform, 3, repair_row(REGION, 2)["content"])
    change(platform, 2, list_row(REGION, 2)["content"])
    node.job("platform.city")
    assert answers(platform)[1:] == [("relieved-before", ""), ("relieved-before", "")]
    assert len(rows_of(node, node.origin)) == 4


def test_reliefs_are_taken_while_listings_wait_for_members(tmp_path: Path) -> None:
    """A listing that waits holds up nothing behind it, and is not refused."""
    found(tmp_path, (LUZHOU, ZIGONG))
    directory = tmp_path / REGION
    with (directory / "huxin.toml").open("a") as config:
        config.write('\n[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n')
    platform = make_url(f"sqlite:///{directory / 'city.db'}")
    make_tables(platform)
    before = WiredNode(directory)
    lay(platform, list_row(REGION, 1))
    before.job("platform.city")
    before.close()
    node = WiredNode(directory, asks=True)
    try:
        lay(platform, list_row(REGION, 2), repair_row(REGION, 1))
        node.job("platform.city")
        assert answers(platform) == [("listed", ""), (None, None), ("relieved", "")]
        node.publisher.heard(MemberId(ZIGONG.region), 0)
        node.job("platform.city")
        assert answers(platform)[1] == ("listed", "")
    finally:
        node.close()


def test_later_versions_of_a_row_come_one_after_the_other(node: WiredNode, platform: URL) -> None:
    days = (20, 19, 18)
    lay(platform, *(list_row(REGION, 11, 告知日期=f"2025-12-{day}") for day in days))
    size = len(rows_of(node, node.origin))
    node.job("platform.city")
    assert answers(platform) == [("listed", ""), ("corrected", ""), ("corrected", "")]
    made = rows_of(node, node.origin)[size:]
    assert [row.kind for row in made] == [Kind.LISTING, Kind.CORRECTION, Kind.CORRECTION]
    assert made[0].current == made[2].idx


def test_a_relief_does_not_wait_for_later_versions(node: WiredNode, platform: URL) -> None:
    versions = [list_row(REGION, 12, 告知日期=f"2025-12-{day}") for day in (20, 19)]
    lay(platform, *versions, repair_row(REGION, 12))
    size = len(rows_of(node, node.origin))
    node.job("platform.city")
    assert answers(platform) == [("listed", ""), ("relieved-before", ""), ("relieved", "")]
    assert rows_of(node, node.origin)[size].state == State.REPAIRED


def test_what_is_wrong_with_a_row_is_answered(node: WiredNode, platform: URL) -> None:
    size = len(rows_of(node, node.origin))
    lay(
        platform,
        list_row(REGION, 21, 统一社会信用代码="91510500YY9999999Z"),
        list_row(REGION, 22, 执行法院="别处的法院"),
        {**list_row(REGION, 23), "content": "[]"},
        {**list_row(REGION, 24), "source": "tax"},
        {**list_row(REGION, 25), "kind": "scenario"},
        {**list_row(REGION, 26), "list_type": "major-tax-violation"},
        repair_row(REGION, 27),
        inbox_row("list", {"名称": "无表头"}),
    )
    node.job("platform.city")
    assert [code for _, code in answers(platform)] == [
        "identity.code-alphabet",
        "authority.not-bound",
        "row.malformed",
        "source.not-of-platform",
        "kind.unknown",
        "source.list-not-bound",
        "relief.no-listing",
        "header.missing",
    ]
    assert {outcome for outcome, _ in answers(platform)} == {"refused"}
    assert code_of(22) not in "".join(row["message"] for row in laid(platform))
    assert len(rows_of(node, node.origin)) == size


def test_f12_holds_for_rows_too(node: WiredNode, platform: URL) -> None:
    size = len(rows_of(node, node.origin))
    lay(
        platform,
        *(list_row(REGION, number, 统一社会信用代码=code_of(31)) for number in range(31, 51)),
    )
    node.job("platform.city")
    assert set(answers(platform)) == {("refused", "mapping.one-subject")}
    assert len(rows_of(node, node.origin)) == size


def test_an_inbox_that_cannot_be_read_is_named_and_caught_up(
    node: WiredNode, platform: URL, founded: Path
) -> None:
    aside = founded / "aside.db"
    lay(platform, list_row(REGION, 61))
    (founded / "city.db").rename(aside)
    node.job("platform.city")
    assert "platform.refused" in node.problems()  # a database without tables
    aside.rename(founded / "city.db")
    node.job("platform.city")
    assert answers(platform) == [("listed", "")]
    assert "platform.refused" not in node.problems()


def test_a_platform_speaks_for_known_sources_only() -> None:
    text = (
        '[node]\nregion = "510500"\nname = "泸州"\norigin = "510500.huxin.example/1"\n'
        '[platform.city]\nurl = "sqlite:///city.db"\nsources = ["court"]\n'
    )
    with pytest.raises(ConfigError, match=r"platform\.city\.sources"):
        parse_config(text, Path("/n"))


# ---------------------------------------------------------------- the job alone


class Faulty:
    """An inbox and an intake that fail as ordered."""

    def __init__(self, rows: Sequence[InboxRow]) -> None:
        self.rows = list(rows)
        self.read: Exception | None = None
        self.publish: Exception | None = None
        self.asked: list[tuple[str, ...]] = []

    def waiting(self, kinds: Sequence[str], most: int) -> list[InboxRow]:
        if self.read is not None:
            raise self.read
        self.asked.append(tuple(kinds))
        return [row for row in self.rows if not kinds or row.kind in kinds][:most]

    def answer(self, given: Sequence[tuple[InboxRow, Answer]]) -> int:
        for row, _ in given:
            self.rows.remove(row)
        return len(given)

    def take(
        self, _batch: str, _source: str, kind: str, _list: str, rows: Mapping[int, Any]
    ) -> dict[int, Answer | None]:
        if self.publish is not None and kind == "list":
            raise self.publish
        return dict.fromkeys(rows, Answer(outcome="listed"))


def rows(count: int) -> list[InboxRow]:
    return [
        InboxRow(id=number, source="court", kind="list", list_type="", content="{}")
        for number in range(1, count + 1)
    ]


def taking(faulty: Faulty, *, short: bool = False) -> InboxTaking:
    return InboxTaking(
        name="city",
        sources=("court",),
        inbox=faulty,
        intake=faulty,
        short=lambda: short,
        failpoints=Failpoints(),
    )


@pytest.mark.parametrize(
    ("read", "publish", "code"),
    [
        (PlatformError("platform.unreachable", "as ordered"), None, "platform.unreachable"),
        (None, RefusedError("charter.none", "as ordered"), "charter.none"),
    ],
)
def test_what_cannot_be_taken_waits(
    read: Exception | None, publish: Exception | None, code: str
) -> None:
    faulty = Faulty(rows(2))
    job = taking(faulty)
    faulty.read, faulty.publish = read, publish
    assert (job.run(), job.fault, len(faulty.rows)) == (0, code, 2)
    faulty.read = faulty.publish = None
    assert (job.run(), job.fault, len(faulty.rows)) == (2, "", 0)


def test_relief_does_not_wait_behind_a_list_that_must() -> None:
    repair = InboxRow(id=9, source="court", kind="repair", list_type="", content="{}")
    faulty = Faulty([*rows(2), repair])
    faulty.publish = RefusedError("own-log.unanswered", "as ordered")
    job = taking(faulty)
    assert (job.run(), job.fault, faulty.rows) == (1, "own-log.unanswered", rows(2))


def test_while_the_disk_is_short_only_reliefs_are_asked_for() -> None:
    faulty = Faulty([])
    taking(faulty, short=True).run()
    assert faulty.asked == [("repair", "withdrawal")]


def test_more_rows_than_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_job, "BATCH", 4)
    assert taking(Faulty(rows(9))).run() == 9
