"""What the columns of quality are called, and how figures are shown: names for codes, words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts import repairs
from node.texts.fields import RECEIPTS, day
from node.texts.said import said

COLUMNS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "reported": ("上报", "reported"),
    "refused": ("受理被拒", "refused"),
    "compliance": ("合规率", "compliance"),
    "timeliness": ("及时率", "timeliness"),
    "unknown": ("及时未知", "timeliness unknown"),
    "duplicates": ("重复", "duplicates"),
    "wrong_codes": ("错码", "wrong codes"),
    "wrong_code_rate": ("错码率（万分之）", "wrong codes per 10,000"),
    "corrections": ("更正", "corrections"),
    "withdrawals": ("撤销", "withdrawals"),
    "reliefs_refused": ("修复被拒", "reliefs refused"),
}
MEASURES: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "late": ("迟报", "late"),
    "missed": ("漏报", "missed"),
    "coverage": ("覆盖率", "coverage"),
    "completeness": ("完整率", "completeness"),
    "standardness": ("规范率", "standardness"),
    "linkage": ("关联率", "linkage"),
    "gaps": ("中断", "gaps"),
    "longest_gap": ("最长间隔（天）", "longest interval (days)"),
    "outcomes": ("惩戒反馈", "outcomes"),
    "wrong_matches": ("命中错误", "wrong matches"),
}
UNDER: Final = {
    "source": ("list_type",),
    "reported": ("refused",),
    "compliance": ("timeliness", "unknown"),
    "duplicates": ("wrong_codes", "wrong_code_rate"),
    "corrections": ("withdrawals", "reliefs_refused"),
    "late": ("missed", "coverage"),
    "completeness": ("standardness", "linkage"),
    "gaps": ("longest_gap",),
    "outcomes": ("wrong_matches",),
}
"""What goes under what where a table would be too wide."""
FAULTS_UNDER: Final = {
    "source": ("list_type",),
    "row": ("platform",),
    "outcome": ("reason",),
}
FAULTS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "statement_id": ("声明", "statement"),
    "row": ("行", "row"),
    "platform": ("平台", "platform"),
    "by": ("接收方", "receiver"),
    "outcome": ("结果", "outcome"),
    "reason": ("原因", "reason"),
}
SUBJECT: Final = {
    "subject_code": ("主体代码", "subject's code"),
    "subject_name": ("主体名称", "subject"),
}
RECORDS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "figure": ("指标", "figure"),
    "statement_id": ("声明", "statement"),
}
ITEMS: Final = {
    "item": ("归集项目", "item"),
    "department": ("责任单位", "owed by"),
    "authority": ("认定单位", "determined by"),
    "state": ("归集情况", "state"),
    "number": ("本期数量", "in the period"),
    "last_day": ("最近归集日", "last day"),
}
ITEMS_UNDER: Final = {"department": ("authority",), "number": ("last_day",)}
DISTRICTS: Final = {
    "item": ("归集项目", "item"),
    "region": ("区县", "district"),
    "state": ("归集情况", "state"),
    "number": ("本期数量", "in the period"),
    "last_day": ("最近归集日", "last day"),
}
SHARES_BY_DAY: Final = {
    "day": ("日期", "day"),
    "region": ("区县", "district"),
    "list_type": ("名单", "list"),
    "listed": ("列入主体", "listed"),
    "subjects": ("法人库主体", "subjects"),
    "share": ("占比", "share"),
}
SHARES: Final = {
    "region": ("区县", "district"),
    "list_type": ("名单", "list"),
    "listed": ("列入主体", "listed subjects"),
    "subjects": ("法人库主体", "subjects"),
    "share": ("占比", "share"),
    "by_code": ("按代码推定区县", "district by code"),
}
COLLECTED: Final = {
    "collected": ("已归集", "collected"),
    "missing": ("应归未归", "missing"),
    "unknown": ("未知", "unknown"),
    "nothing": ("未归集", "nothing"),
}
"""States of an item; of a district by itself nothing more is known than that nothing came."""
OUTCOMES: Final = {
    **RECEIPTS,
    "refused": ("受理被拒", "refused"),
    "relief-refused": ("修复被拒", "relief refused"),
    "missed": ("漏报", "missed"),
}
_NOBODY: Final = ("目录未载明", "not said")
_ANY: Final = ("任一名单", "any list")
_WHOLE: Final = ("全部", "all")
_NO_SEAT: Final = ("代码未载明", "not said")
FIGURES: Final = {
    "reported": ("上报", "reported"),
    "late": ("不及时", "late"),
    "unknown": ("及时未知", "timeliness unknown"),
    "corrections": ("更正", "corrections"),
    "withdrawals": ("撤销", "withdrawals"),
    "incomplete": ("不完整", "incomplete"),
    "irregular": ("不规范", "badly written"),
    "unlinked": ("未关联", "not linked"),
    "after_gaps": ("中断后首条", "first after a gap"),
}
"""Figures whose records are listed by themselves; faults name the others: not compliant, missed."""
TITLES: Final = {
    "figures": ("指标", "Figures"),
    "measures": ("质量控制", "Measures"),
    "reasons": ("原因", "Reasons"),
    "faults": ("问题记录", "Faults"),
    "records": ("记录", "Records"),
    "formulas": ("计算公式与说明", "Formulas and notes"),
    "collection": ("归集情况", "Collection"),
    "districts": ("区县归集情况", "Collection by district"),
    "shares": ("列入主体占比", "Share of listed subjects"),
    "shares_by_day": ("占比逐日", "Shares by day"),
    "by_district": ("列入主体占比：各区县", "Share of listed subjects, by district"),
    "by_list": ("列入主体占比：各名单", "Share of listed subjects, by list"),
    "repairs": ("修复执行情况", "Execution of reliefs"),
}
REPAIRS: Final = {
    name: pair for name, pair in repairs.RATES.items() if name not in ("first", "last")
}
"""Of our own reliefs that were decided in the period."""
REASONS: Final = {
    "source": ("数源部门", "source"),
    "list_type": ("名单", "list"),
    "reason": ("原因", "reason"),
    "count": ("数量", "number"),
}
REPORTS: Final = {
    "week": ("数据质量周调度", "Data quality of the week"),
    "month": ("数据质量月通报", "Data quality of the month"),
    "quarter": ("数据质量季评估", "Data quality of the quarter"),
}
RATES: Final = ("compliance", "timeliness", "coverage", "completeness", "standardness", "linkage")


def named(found: Mapping[str, Any], what: str, code: str) -> str:
    """The name that the document has for a code, or the code."""
    return str(found["names"][what].get(code, code))


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row of figures with its rates as text; – where a rate is not known."""
    rate = row["wrong_code_rate"]
    return row | {
        **{name: percent(row[name]) for name in RATES},
        "wrong_code_rate": "–" if rate is None else f"{rate:.2f}",
    }


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of figures, source and list by their names."""
    return [row | _who(found, row) for row in found["rows"]]


def faults(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """The faults of all rows, each with its source and list, codes in words."""
    return [
        _who(found, row)
        | fault
        | {
            "by": named(found, "logs", fault["by"]),
            "row": fault["row"] or "",
            "outcome": OUTCOMES.get(fault["outcome"], (fault["outcome"],) * 2)[english],
            "reason": reason(fault["reason"], english=english),
        }
        for row in found["rows"]
        for fault in row["faults"]
    ]


def reason(code: str, *, english: bool) -> str:
    """What a reason code says."""
    return said(code, english=english)


def items(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """The items of the catalog and what came of them, those that are missing first."""
    order = list(COLLECTED)
    told = sorted(
        found["collection"]["items"],
        key=lambda item: (item["state"] != "missing", order.index(item["state"])),
    )
    return [
        item
        | {
            "item": item["name"] or item["list_type"],
            "department": item["department"] or _NOBODY[english],
            "authority": item["authority"] or "–",
            "state": COLLECTED[item["state"]][english],
            "last_day": day(item["last_day"]) or "–",
        }
        for item in told
    ]


def districts(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """What came of each item from the authorities of each district."""
    return [
        {
            "item": item["name"] or item["list_type"],
            "region": _region(found, one["region"]) or _NO_SEAT[english],
            "state": COLLECTED["collected" if one["number"] else "nothing"][english],
            "number": one["number"],
            "last_day": day(one["last_day"]) or "–",
        }
        for item in found["collection"]["items"]
        for one in item["districts"]
    ]


def shares(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """Listed subjects as a share of the base library; empty where they were not asked for."""
    return [
        one
        | {
            "region": _region(found, one["region"]) or _WHOLE[english],
            "list_type": named(found, "lists", one["list_type"]) or _ANY[english],
        }
        for one in found.get("shares", ())
    ]


def by_day(found: dict[str, Any], *, english: bool) -> list[dict[str, Any]]:
    """The same as it was counted on each day of the period."""
    return [
        {
            "day": day(one["day"]),
            "region": _region(found, one["region"]) or _WHOLE[english],
            "list_type": named(found, "lists", one["list_type"]) or _ANY[english],
            "listed": one["listed"],
            "subjects": one["subjects"],
            "share": one["listed"] / one["subjects"] if one["subjects"] else None,
        }
        for one in found.get("shares_by_day", ())
    ]


def _region(found: dict[str, Any], code: str) -> str:
    return named(found, "regions", code)


def _who(found: dict[str, Any], row: dict[str, Any]) -> dict[str, str]:
    return {
        "source": named(found, "sources", row["source"]),
        "list_type": named(found, "lists", row["list_type"]),
    }


def notes(found: dict[str, Any], *, english: bool) -> list[str]:
    """The formulas, and what is not certain about the tables of working days."""
    lines = [line["en" if english else "zh"] for line in found["formulas"]]
    if found.get("shares") == []:
        lines.append("no base library: no share is known" if english else "没有法人库，占比未知")
    for table in found["working_days"]["years"]:
        if not table["confirmed_by"]:
            what = (
                "its table of working days is not confirmed by anyone: what counts on it may be "
                "off, until whoever runs the node lays one here that was compared with the "
                "official text"
                if english
                else "工作日表未经人核实，据此算出的及时与否可能有出入；"
                "对照原文核实后，由系统管理员放入本市的表，即不再提示"
            )
            lines.append(f"{table['year']}: {what} ({table['source']})")
    for year in found["working_days"]["not_covered"]:
        what = "no table of working days; unknown" if english else "无工作日表，记为未知"
        lines.append(f"{year}: {what}")
    return lines


def percent(share: float | None) -> str:
    """A share as text; – where it is not known."""
    return "–" if share is None else f"{share:.2%}"
