"""The disk becomes full: relief goes on into the reserve, and nothing is lost or half done at all.

A small file system in memory is the disk; only root may make one.

Covers node/system/disk.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import AdapterError
from federation.errors import RefusedError
from federation.statements import Kind
from node.publishing.submissions import Published
from node.system.disk import SHARE, STOPPED, Reserve, free_bytes
from tests.support.commands import run
from tests.support.days import DECIDED, UNTIL
from tests.support.federation_dirs import (
    COURT_NAME,
    SOURCE,
    WiredNode,
    exchange_all,
    repair_row,
    write_list,
)
from tests.support.small_disk import BLOCK, FULL, PEER, fill, founded

RESERVE = 3 * 2**20
MANY = 1500
"""Rows of a list that the disk has no room for: more than are published at once."""
SPOOLED = 1280
"""Bytes that are enough for a row that waits to be published."""
SCENARIO = f"""
- 类型: 场景
  操作: 开放
  场景类型: 信易租
  场景名称: 信用住房租赁免押金
  提供单位: {COURT_NAME}
  优惠措施: [免押金]
  适用条件: 未被列入严重失信主体名单
  适用主体: [企业]
  有效期起: {DECIDED.isoformat()}
  有效期止: {UNTIL.isoformat()}
"""


def publish_scenarios(node: WiredNode, path: Path) -> dict[str, Any]:
    return node.parts.intake.publish_file(
        path,
        kind="scenario",
        list_type="",
        mapping="",
        dry_run=False,
        full_snapshot=False,
        source=SOURCE,
        progress=lambda _: None,
    )


def test_relief_goes_on_into_the_reserve(tmp_path: Path) -> None:
    with founded(tmp_path, RESERVE) as (node, peer):
        ours, theirs = node.list_("0" * 32, 1), peer.list_("0" * 32, 2)
        exchange_all(node, peer)
        inbox = node.directory / "inbox" / SOURCE
        write_list(inbox / "list.csv", FULL.region, range(10, 20))
        (inbox / "list.csv.done").touch()
        assert "disk.reserve" not in node.problems()
        filler = fill(node.directory.parent, RESERVE // 2)

        assert "disk.reserve" in node.problems()
        with pytest.raises(RefusedError) as refused:
            node.list_("1" * 32, 3)
        assert refused.value.code == "disk.reserve"
        node.job("inbox")
        assert (inbox / "list.csv").exists()
        assert "relief.refused" not in node.problems()
        (inbox / "refused").mkdir()
        (inbox / "refused" / "repair.csv").touch()
        assert "relief.refused" in node.problems()
        node.repair("2" * 32, ours.statement_id)
        peer.repair("2" * 32, theirs.statement_id)
        exchange_all(node, peer)
        for one in (node, peer):
            assert [log["records"] for log in one.logs().values()] == [{"repaired": 1}] * 2

        filler.unlink()
        assert "disk.reserve" not in node.problems()
        node.job("inbox")
        assert not (inbox / "list.csv").exists()
        assert node.logs()[node.origin]["records"] == {"active": 10, "repaired": 1}


def test_the_logs_of_others_leave_half_of_the_reserve(tmp_path: Path) -> None:
    with founded(tmp_path, RESERVE) as (node, peer):
        first = peer.list_("0" * 32, 1)
        exchange_all(node, peer)
        filler = fill(node.directory.parent, RESERVE * 2 // 3)
        peer.list_("1" * 32, 2)
        exchange_all(node, peer)
        assert node.logs()[peer.origin]["size"] == 2
        filler.unlink()
        filler = fill(node.directory.parent, RESERVE // 3)
        peer.list_("2" * 32, 3)

        def look() -> None:
            assert node.logs()[peer.origin]["waits_for_room"]
            assert {"disk.reserve", "disk.following"} <= set(node.problems())

        exchange_all(node, peer, look)
        assert node.logs()[peer.origin]["size"] == 2
        peer.repair("3" * 32, first.statement_id)
        exchange_all(node, peer)
        assert node.logs()[peer.origin]["records"] == {"repaired": 1, "active": 2}
        peer.list_("4" * 32, 4)
        exchange_all(node, peer)
        assert node.logs()[peer.origin]["size"] == 4
        filler.unlink()
        exchange_all(node, peer)
        assert node.logs()[peer.origin]["size"] == 5
        assert not node.logs()[peer.origin]["waits_for_room"]


def test_a_file_that_meets_the_reserve_midway_waits(tmp_path: Path) -> None:
    with founded(tmp_path, RESERVE) as (node, _):
        inbox = node.directory / "inbox" / SOURCE
        write_list(inbox / "list.csv", FULL.region, range(MANY))
        (inbox / "list.csv.done").touch()
        copied = (inbox / "list.csv").stat().st_size
        filler = fill(node.directory.parent, RESERVE + MANY * SPOOLED + copied)
        assert "disk.reserve" not in node.problems()
        node.job("inbox")
        assert "disk.reserve" in node.problems()
        assert (inbox / "list.csv").exists()
        assert 0 < node.logs()[node.origin]["size"] < MANY

        filler.unlink()
        node.job("inbox")
        assert not (inbox / "list.csv").exists()
        assert node.logs()[node.origin]["records"] == {"active": MANY}


@pytest.mark.parametrize("copied", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_a_file_whose_copy_or_spool_would_go_into_the_reserve_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, copied: bool
) -> None:
    left: list[int] = []
    check = Reserve.check_room

    def noted(self: Reserve, more: int) -> None:
        left.append(free_bytes(self._directory))
        check(self, more)

    monkeypatch.setattr(Reserve, "check_room", noted)
    with founded(tmp_path, RESERVE) as (node, _):
        write_list(tmp_path / "one.csv", FULL.region, range(5000, 5001))
        node.publish_list(tmp_path / "one.csv")
        inbox = node.directory / "inbox" / SOURCE
        write_list(inbox / "list.csv", FULL.region, range(MANY))
        (inbox / "list.csv.done").touch()
        size = (inbox / "list.csv").stat().st_size
        filler = fill(node.directory.parent, RESERVE + size + (2**18 if copied else -BLOCK))
        left.clear()
        node.job("inbox")
        assert "disk.reserve" in node.problems()
        assert len(left) == 1 + copied
        assert min(left) >= RESERVE
        assert list((node.directory / "reading").glob("*")) == []
        assert (inbox / "list.csv").exists()
        assert node.logs()[node.origin]["records"] == {"active": 1}
        with pytest.raises(RefusedError) as refused:
            node.publish_list(inbox / "list.csv")
        assert refused.value.code == "disk.reserve"

        filler.unlink()
        filler = fill(node.directory.parent, RESERVE // 2)
        cells = json.loads(repair_row(FULL.region, 5000)["content"])
        relief = "\n".join(map(",".join, (cells, cells.values())))
        (inbox / "信用修复.csv").write_text(relief, "utf-8")
        (inbox / "信用修复.csv.done").touch()
        left.clear()
        node.job("reliefs")
        assert node.logs()[node.origin]["records"] == {"repaired": 1}
        assert left == [], "relief asks for no room"

        filler.unlink()
        node.job("inbox")
        assert node.logs()[node.origin]["records"] == {"active": MANY, "repaired": 1}


def test_a_scenario_that_meets_the_reserve_is_no_faulty_row(tmp_path: Path) -> None:
    with founded(tmp_path, RESERVE) as (node, _):
        scenarios = tmp_path / "scenarios.yaml"
        scenarios.write_text(SCENARIO, "utf-8")
        filler = fill(node.directory.parent, RESERVE // 2)
        with pytest.raises(RefusedError) as refused:
            publish_scenarios(node, scenarios)
        assert refused.value.code == "disk.reserve"
        filler.unlink()
        assert publish_scenarios(node, scenarios)["published"] == 1


def test_a_full_disk_keeps_nothing_half(tmp_path: Path) -> None:
    with founded(tmp_path, 0) as (node, peer):
        write_list(tmp_path / "list.csv", PEER.region, range(2000))
        peer.publish_list(tmp_path / "list.csv")
        inbox = node.directory / "inbox" / SOURCE
        filler = fill(node.directory.parent, 0)
        answered: list[Published] = []
        with pytest.raises(AdapterError):
            answered.extend(node.list_(f"{number:032x}", number) for number in range(3000))
        with pytest.raises(AdapterError):
            exchange_all(node, peer)
        filler.unlink()
        write_list(inbox / "list.csv", FULL.region, range(3000, 3900))
        (inbox / "list.csv.done").touch()
        filler = fill(node.directory.parent, 0)
        node.job("inbox")
        assert (inbox / "list.csv").exists()

        filler.unlink()
        node.job("inbox")
        exchange_all(node, peer)
        node.list_("f" * 32, 3999)
        exchange_all(node, peer)
        for one in (node, peer):
            held = {origin: log["records"] for origin, log in one.logs().items()}
            assert held == {
                node.origin: {"active": len(answered) + 901},
                peer.origin: {"active": 2000},
            }
        out = tmp_path / "out"
        assert run("log", "export", out, "--dir", node.directory).code == 0
        assert run("log", "verify", out).code == 0


def test_the_reserve_stops_what_can_wait(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path, 1000, lambda _: 999)
    for kind in Kind:
        if kind in STOPPED:
            with pytest.raises(RefusedError, match="MiB free"):
                reserve.check(kind)
        else:
            reserve.check(kind)
    Reserve(tmp_path, 1000, lambda _: 1000).check(1)
    Reserve(tmp_path, 0, lambda _: 0).check(1)
    Reserve(tmp_path, 1000, lambda _: 1100).check_room(100)
    with pytest.raises(RefusedError, match="for what is being read"):
        Reserve(tmp_path, 1000, lambda _: 1100).check_room(101)
    assert [Reserve(tmp_path, 1000, lambda _, n=n: n).tight for n in (500, 499)] == [False, True]  # type: ignore[misc]
    whole = shutil.disk_usage(tmp_path).total
    assert Reserve(tmp_path, whole).report()["reserve_bytes"] == whole // SHARE
