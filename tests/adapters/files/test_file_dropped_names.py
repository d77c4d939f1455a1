"""What names of dropped files say (F25)."""

from __future__ import annotations

import os

import pytest

from adapters.files.dropped_names import is_input, kind_of, title_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("修复结果.csv", "repair"),
        ("信用修复.csv", "repair"),
        ("2026年11月 修復.csv", "repair"),
        ("移出严重违法失信名单.csv", "repair"),
        ("撤销.csv", "withdrawal"),
        ("Repair-2026.csv", "repair"),
        ("REPAIR.CSV", "repair"),
        ("ｒｅｐａｉｒ.csv", "repair"),
        ("2026-repairs.csv", "repair"),
        ("removed_2026.csv", "repair"),
        ("withdrawals.xlsx", "withdrawal"),
        ("Withdrawal-撤销修复.csv", "withdrawal"),
        ("scenario-1.yaml", "scenario"),
        ("Recognition.json", "recognition"),
        # not decided, refused, of both kinds: no relief, and no list either (F18)
        ("拟移出名单.csv", ""),
        ("未修复.csv", ""),
        ("不予修复决定.csv", ""),
        ("信用修复申请.csv", ""),
        ("修复受理.csv", ""),
        ("撤销修复.csv", ""),
        ("unrepaired.csv", ""),
        ("not-repaired.csv", ""),
        ("car-repairshop.csv", ""),
        ("失信被执行人.csv", ""),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name",
    [
        ".hidden",
        "~$名单.xlsx",
        "名单.csv~",
        "名单.csv.part",
        "名单.CSV.PART",
        "名单.tmp",
        "名单.csv.filepart",
        "名单.xlsx.crdownload",
        "Thumbs.db",
        "desktop.ini",
        "名单.csv.done",
        "名单.csv.Done",
        "名单.csv.manifest.json",
        "名单.csv.errors.csv",
    ],
)
def test_what_is_no_input(name: str) -> None:
    assert not is_input(name)


@pytest.mark.parametrize("name", ["名单.csv", "part.csv", "tmp.xlsx", "a~b.csv", "done", "名单"])
def test_what_is_one(name: str) -> None:
    assert is_input(name)


def test_names_are_read_as_windows_writes_them() -> None:
    assert title_of(os.fsdecode("修复结果.csv".encode("gb18030"))) == "修复结果.csv"
    assert title_of("修复.csv") == "修复.csv"
    assert title_of(os.fsdecode(b"\xff\xff.csv")) == "\\xff\\xff.csv"
    assert title_of("a\u202eb\nc.csv") == "a\\u202eb\\nc.csv"
