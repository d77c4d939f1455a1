"""Texts of the page of displays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("第三方公示", "Displays"),
    "lead": (
        "信用服务机构展示的记录，修复、撤销、到期后应停止展示。哪些要停，谁停了，谁逾期。",
        "What credit services display must go once it ended: what, who did so, and who is late.",
    ),
    "parties": ("各家执行情况", "By third party"),
    "parties.none": ("还没有应停止的展示。", "Nothing that is displayed has had to go yet."),
    "party": ("第三方", "Third party"),
    "told": ("应停止", "Must go"),
    "acknowledged": ("已停止", "Taken down"),
    "open": ("未回告", "Open"),
    "overdue": ("逾期", "overdue"),
    "oldest": ("最早告知", "Oldest"),
    "batches": ("提交的批次", "Batches"),
    "number": ("批次", "Batch"),
    "at": ("提交时间", "Handed in"),
    "submitted": ("提交行数", "Rows"),
    "outstanding": ("未回告", "Outstanding"),
    "submit": ("代第三方比对", "Compare for a third party"),
    "submit.lead": (
        "能自己接入的第三方用接口提交；不能的，由您粘贴它展示的记录，至多 {most} 行。",
        "Those that can ask over the API; for one that cannot paste its rows, at most {most}.",
    ),
    "rows": (
        "一行一条：统一社会信用代码、决定文书号、名单代码（可不填）；可从表格粘贴",
        "One a line: code, number of the decision, code of the list; out of a spreadsheet",
    ),
    "compare": ("比对", "Compare"),
    "no-rows": ("没有读到记录，或者行数过多。", "No row was read, or too many."),
    "found": ("{party}：比对结果", "{party}: what must go"),
    "incomplete": (
        "有日志没有查到，请稍后再比对一次。",
        "Not every log was heard: compare again later.",
    ),
    "remove": ("应停止展示", "Must go"),
    "remove.none": ("没有应停止展示的。", "Nothing must go."),
    "row": ("行", "Row"),
    "code": ("代码", "Code"),
    "document": ("决定文书号", "Decision"),
    "ground": ("缘由", "Ground"),
    "ground.withdrawn": ("已撤销", "withdrawn"),
    "ground.repaired": ("已修复", "repaired"),
    "ground.expired": ("已到期", "expired"),
    "since": ("自", "Since"),
    "due": ("应于何日前", "Due"),
    "done": ("已回告", "Taken down"),
    "ambiguous": ("须注明名单的行", "Rows whose list is to be named"),
    "ambiguous.lead": (
        "同一文书号另有有效记录，请写明名单代码后再比对：第 {rows} 行。",
        "Another record of this decision stands; name the list and compare again: row {rows}.",
    ),
    "refused": ("未受理的行", "Rows that were refused"),
    "refused.one": ("第 {row} 行：{why}", "row {row}: {why}"),
    "keep": ("记下：所选的行已停止展示", "Keep that the chosen were taken down"),
    "kept": ("已记下。", "Kept."),
    "back": ("返回第三方公示", "Back to the displays"),
}
