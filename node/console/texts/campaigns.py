"""Texts of the page of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("专项治理", "Campaigns"),
    "lead": (
        "台账里有多少主体，已退出多少；退出只凭修复、撤销、到期，随记录而变，不能手改。",
        "How many subjects a ledger has and how many exited: by relief, removal or expiry alone.",
    ),
    "none": ("暂无专项。", "There is none."),
    "name": ("名称", "Name"),
    "document": ("文号", "Number of its document"),
    "unit": ("责任单位", "Who is responsible"),
    "due": ("期限", "By when"),
    "no-due": ("未定", "not said"),
    "rate": ("退出率", "Exit rate"),
    "no-rate": ("空台账没有退出率", "none of an empty ledger"),
    "of-all": ("{exited} / {all} 户已退出", "{exited} of {all} exited"),
    "overdue": ("{n} 户逾期", "{n} overdue"),
    "look": ("查看", "Look"),
    "back": ("返回专项治理", "Back to the campaigns"),
    "open": ("开立专项", "Open a campaign"),
    "open.lead": ("开立以后不能改名，也不能删除。", "It keeps its name, and is never taken away."),
    "due.hint": ("期限（可不填）", "By when (may be empty)"),
    "day": ("截至", "As of"),
    "this-month": ("本月退出", "Exited this month"),
    "ledger": ("台账", "Ledger"),
    "ledger.none": ("台账还是空的，请在下面记入。", "The ledger is empty: enter listings below."),
    "subject": ("主体", "Subject"),
    "exit": ("退出", "Exit"),
    "not-exited": ("尚未退出", "not exited"),
    "late": ("逾期", "overdue"),
    "enter": ("记入台账", "Enter listings"),
    "enter.lead": (
        "只记入有效的列入；记入的不能删除，重复记入不变。写代码，或写条件，或都写。",
        "Only listings in force; none is taken out, none comes twice. Codes, a query, or both.",
    ),
    "codes": ("统一社会信用代码，一行一个", "Unified codes, one a line"),
    "query": (
        "按条件：本地主体的有效列入，同时满足所填各项",
        "By query: listings in force of this city's subjects that fit all that is filled in",
    ),
    "sheet": ("下载月报表", "Download the monthly sheet"),
    "sheet.day": ("截至（缺省今日）", "As of (else today)"),
    "sheet.file": ("专项治理月报表", "campaign-sheet"),
    "any": ("不限", "any"),
    "list_type": ("名单", "List"),
    "authority": (
        "认定机关的统一社会信用代码",
        "Unified code of the determining authority",
    ),
    "origin": ("来自", "From"),
    "decided_until": ("认定日期不晚于", "Decided on this day or before"),
    "unit.hint": ("责任单位（缺省为专项的）", "Who is responsible (that of the campaign)"),
    "entered": (
        "记入 {added} 条，已在台账 {already} 条。",
        "{added} entered, {already} were there.",
    ),
    "entered.none": (
        "没有记入：没有符合所填各项的有效列入。",
        "None was entered: no listing in force fits what was filled in.",
    ),
    "unknown": ("没有有效列入，未记入：", "No listing in force, not entered:"),
}
