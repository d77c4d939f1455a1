"""The monthly sheet 月报表 of a campaign: its exit rate and its ledger, as tables of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from node.quality.report import PERCENT, Cell, Number, Report, Sheet
from node.texts.campaigns import LEDGER, line
from node.texts.fields import day


def report_of(campaign: Mapping[str, Any], subjects: Sequence[Mapping[str, Any]]) -> Report:
    """Make it.

    Args:
        campaign: of `huxin campaign exit-rate -o json`.
        subjects: its ledger; what was entered after the day of `campaign` is left out.
    """
    on = campaign["day"]
    rate: Cell = "—" if campaign["rate"] is None else Number(campaign["rate"], PERCENT)
    facts: list[tuple[Cell, ...]] = [
        ("文号", campaign["document"]),
        ("责任单位", campaign["unit"]),
        ("期限", day(campaign["due"])),
        ("截至", day(on)),
        ("台账主体", campaign["subjects"]),
        ("已退出", campaign["exited"]),
        ("本月退出", campaign["exited_this_month"]),
        ("逾期未退出", campaign["overdue"]),
        ("退出率", rate),
    ]
    shown = [
        line(one if _exited_by(one, on) else {**one, "ground": "", "exited_on": 0}, english=False)
        for one in subjects
        if one["added_on"] <= on
    ]
    return Report(
        title=f"{campaign['name']}：专项治理月报表",
        made=f"截至 {day(on)}",
        sheets=[
            Sheet("退出率", (), facts),
            Sheet(
                "台账",
                [pair[0] for pair in LEDGER.values()],
                [[one[name] for name in LEDGER] for one in shown],
            ),
        ],
    )


def _exited_by(one: Mapping[str, Any], on: int) -> bool:
    return bool(one["exited"]) and one["exited_on"] <= on
