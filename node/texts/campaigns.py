"""Campaigns 专项治理, put for people (`huxin campaign`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.fields import Pair, day

GROUNDS: Final[Mapping[str, Pair]] = {
    "": ("", ""),
    "repaired": ("修复", "repaired"),
    "withdrawn": ("撤销", "withdrawn"),
    "expired": ("到期", "expired"),
}
"""By what a subject exited."""
HEAD: Final[Mapping[str, Pair]] = {
    "campaign": ("专项", "campaign"),
    "name": ("名称", "name"),
    "document": ("文号", "document"),
    "unit": ("责任单位", "responsible"),
    "due": ("期限", "due"),
    "subjects": ("主体", "subjects"),
    "exited": ("已退出", "exited"),
    "exited_this_month": ("本月退出", "this month"),
    "overdue": ("逾期", "overdue"),
    "rate": ("退出率", "exit rate"),
}
LEDGER: Final[Mapping[str, Pair]] = {
    "name": ("主体", "subject"),
    "code": ("主体代码", "code"),
    "lists": ("名单", "lists"),
    "documents": ("认定文书号", "documents"),
    "unit": ("责任单位", "responsible"),
    "added_on": ("列入台账", "entered"),
    "stands": ("状态", "state"),
    "exited_on": ("退出日期", "exited on"),
}
UNDER: Final[Mapping[str, tuple[str, ...]]] = {"name": ("code",), "lists": ("documents",)}


def percent(rate: float | None) -> str:
    """An exit rate; of an empty ledger there is none."""
    return "—" if rate is None else f"{rate:.2%}"


def head(one: Mapping[str, Any]) -> dict[str, Any]:
    """A campaign."""
    return {**one, "due": day(one["due"]), "rate": percent(one["rate"])}


def line(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A subject of the ledger."""
    stands = GROUNDS[one["ground"]][english]
    if not stands:
        stands = ("逾期", "overdue")[english] if one["overdue"] else ("未退出", "not yet")[english]
    return {
        "name": one["subject"]["name"],
        "code": one["subject"]["code"],
        "lists": "、".join(dict.fromkeys(e["list_name"] for e in one["entries"])),
        "documents": "、".join(e["document"] for e in one["entries"] if e["document"]),
        "unit": one["unit"],
        "added_on": day(one["added_on"]),
        "stands": stands,
        "exited_on": day(one["exited_on"]),
    }
