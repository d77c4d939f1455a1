"""Texts of the pages about scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair
from node.texts.scenarios import STANDINGS

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("场景互认", "Scenarios"),
    "lead": (
        "各地开放的惠民便企场景，以及各地的认可情况。",
        "Benefits that regions offer, and what the others say of them.",
    ),
    "scenario": ("场景", "Scenario"),
    "none": ("还没有场景。", "There is no scenario yet."),
    "legend": ("图例", "Legend"),
    **{f"standing.{word}": (zh, word) for word, zh in STANDINGS.items()},
    "here": ("本市", "Here"),
    "type": ("类型", "Type"),
    "provider": ("提供单位", "Provider"),
    "incentives": ("优惠", "Benefits"),
    "who": ("谁可以享受", "Who may have it"),
    "basis": ("依据", "Basis"),
    "until": ("有效至", "Until"),
    "no-end": ("长期", "without end"),
    "regions": ("各地认可", "In the regions"),
    "city": ("地区", "Region"),
    "says": ("意见", "Says"),
    "why": ("理由、条件、受理窗口", "Reason, conditions, places"),
    "history": ("沿革", "History"),
    "act.opened": ("开放", "opened"),
    "act.amended": ("修订", "amended"),
    "act.closed": ("关闭", "closed"),
    "act.accepted": ("认可", "accept"),
    "act.declined": ("不予认可", "decline"),
    "act.suspended": ("暂停", "suspend"),
    "act.ended": ("终止", "end"),
    "say": ("本市表态", "What this region says"),
    "say.told": (
        "表态写入本市日志，各成员随即可见；以后可以另作表态，不能收回。",
        "Published in this city's log, seen by all members; it can be followed, not unsaid.",
    ),
    "say.button": ("发布", "Publish"),
    "say.done": ("已写入日志。", "Published in the log."),
    "action": ("意见", "What"),
    "authority": ("认定单位代码（统一社会信用代码）", "Code of the authority (unified)"),
    "authority-name": ("认定单位", "Authority"),
    "decided-on": ("决定之日", "Day of the decision"),
    "valid-until": ("有效至（可空）", "Until (may be empty)"),
    "reason": ("理由（不予认可时必填）", "Reason (where declined)"),
    "conditions": ("本市另附条件", "Further conditions here"),
    "services": ("受理窗口，每行一个", "Places where it is had, one a line"),
    "try": ("试一家企业", "Try a firm"),
    "try.button": ("试算", "Try"),
    "case": ("办件编号", "Number of the case"),
    "subject.code": ("统一社会信用代码", "Unified social credit code"),
    "subject.name": ("主体全称", "Whole name"),
    "result.entitled": ("可以享受", "entitled"),
    "result.not": ("不符合", "not entitled"),
    "result.undecided": ("须由人判断", "people decide"),
    "condition": ("条件", "Condition"),
    "answer": ("结果", "Answer"),
    "answer.yes": ("符合", "yes"),
    "answer.no": ("不符合", "no"),
    "answer.undecided": ("须由人判断", "people decide"),
    "back": ("全部场景", "All scenarios"),
}
