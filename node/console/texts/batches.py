"""Texts of the page of batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("批量核查", "Batches of checks"),
    "result.file": ("批量核查结果", "result"),
    "lead": (
        "一个办件、一个事项，一次至多 {most} 个主体；多于 {at_once} 个的分批查询，页面显示进度。",
        "One case, one matter, at most {most} subjects; more than {at_once} are asked in parts.",
    ),
    "matter": ("事项", "Matter"),
    "purpose": ("用途", "Purpose"),
    "case": ("办件编号", "Number of the case"),
    "rows": (
        "主体，一行一个：统一社会信用代码、主体全称；可从表格里复制两列粘贴",
        "Subjects, one a line: code, whole name; two columns can be pasted out of a spreadsheet",
    ),
    "file": (
        "或者文件：CSV 前两列是代码和全称，XLSX、XLS 按表头找这两列",
        "Or a file: CSV with code and name first, or XLSX or XLS, where headings name the two",
    ),
    "told.faults": (
        "这些行读不出代码和名称，请改正后重试：{rows}",
        "No code and name can be read in these rows; mend them and try again: {rows}",
    ),
    "ask.button": ("核查", "Ask"),
    "nothing": (
        "您的账号没有可核查的事项或用途；需要时请联系本市安全管理员。",
        "Your account has no matter or no purpose; ask your security administrator.",
    ),
    "told.no-rows": (
        "没有读到主体：请粘贴两列，或选择 UTF-8、GBK 编码的 CSV 文件。",
        "No subject was read: paste two columns, or choose a CSV in UTF-8 or GBK.",
    ),
    "told.too-many": ("一次至多 20000 行，请分开办理。", "At most 20,000 rows: divide them."),
    "told.too-large": ("文件过大，请分开办理。", "The file is too large: divide it."),
    "found": ("办件 {case} 的核查结果", "Results of case {case}"),
    "work": ("办件 {case} 正在核查", "Case {case} is being checked"),
    "work.back": ("未取走的一批：办件 {case}", "A batch that waits: case {case}"),
    "work.counted": ("已核查 {told} 个，共 {rows} 个", "{told} of {rows} subjects"),
    "work.going": (
        "正在分批查询，请留在本页；离开即暂停，回来接着查。",
        "It is asked part by part: stay on this page. It waits while you are away.",
    ),
    "work.on": ("接着查", "Go on"),
    "work.keep": ("下载结果（XLSX）", "Keep the results (XLSX)"),
    "work.hint": (
        "结果只留到您退出为止：请下载。命中的也可以随时在“核查与反馈”里找到。",
        "Results stay until you sign out: keep the file. Matches stand under Checks too.",
    ),
    "work.more": ("另有 {n} 行见下载的文件。", "{n} more rows stand in the file."),
    "number": ("批次编号", "Batch"),
    "counted": ("核查 {rows} 个主体，截至 {at}", "{rows} subjects, as of {at}"),
    "result.clear": ("未发现", "nothing found"),
    "result.match": ("命中，按措施办理", "match: do as the measures say"),
    "result.unmeasured": (
        "列入，无措施，不得据此限制",
        "listed, no measure: restrict nobody by it",
    ),
    "result.insufficient": ("无法判定，不得据此限制", "cannot be decided: restrict nobody by it"),
    "result.refused": ("未受理", "not a question"),
    "result.error": ("不能答复", "no answer"),
    "partial": (
        "有日志没有查到，未发现不等于没有：{who}",
        "Not every log was heard, so that clear is not certain: {who}",
    ),
    "others": ("须逐个看的", "To be looked at one by one"),
    "unmeasured": ("有列入记录，但不得据此限制", "Listed, but nobody may be restricted by it"),
    "unmeasured.told": (
        "本市对本事项没有可采取的措施：照常办理，不用反馈，也不要作为黑名单转给别人。",
        "No measure is here for this matter: go on as usual, report nothing, pass it to nobody.",
    ),
    "others.none": ("其余都是未发现，照常办理。", "All others are clear: go on as usual."),
    "all-clear": ("全部未发现，照常办理。", "All are clear: go on as usual."),
    "look": ("查看", "Look"),
    "report": ("查看并反馈", "Look and report"),
    "notes": ("另有 {n} 条附注，不是命中", "{n} notes besides, which are no match"),
    "download": ("下载结果（CSV）", "Keep the results (CSV)"),
    "download.hint": (
        "结果不留在页面上：离开前请下载。命中的也可以随时在“核查与反馈”里找到。",
        "This page keeps nothing: keep the file before you leave. Matches stand under Checks too.",
    ),
    "column.row": ("行", "row"),
    "column.code": ("统一社会信用代码", "code"),
    "column.name": ("主体全称", "name"),
    "column.result": ("结果", "result"),
    "column.number": ("查询编号", "number"),
    "column.lists": ("名单", "lists"),
    "column.measures": ("措施", "measures"),
    "measures.none": ("不得据此限制", "restrict nobody by it"),
    "column.why": ("原因", "why"),
    "again": ("再核查一批", "Another batch"),
}
