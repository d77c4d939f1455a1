"""Texts of the page of watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("跟踪核查", "Watches"),
    "lead": (
        "一个办件的主体，从现在到截止日，核查的答复有变就列在这里。只见到您自己开始的。",
        "Subjects of a case: whose answer becomes another one until the last day. Only your own.",
    ),
    "none": ("暂无跟踪。", "There is none."),
    "case": ("办件编号", "Number of the case"),
    "erased": ("已清除", "erased"),
    "matter": ("事项", "Matter"),
    "purpose": ("用途", "Purpose"),
    "until": ("截止日", "Last day"),
    "subjects": ("主体", "Subjects"),
    "state": ("状态", "State"),
    "state.open": ("进行中", "open"),
    "state.closed": ("已结束", "closed"),
    "state.over": ("已到期", "over"),
    "look": ("查看", "Look"),
    "back": ("返回跟踪核查", "Back to the watches"),
    "begin": ("开始跟踪", "Begin to watch"),
    "begin.nothing": (
        "您的账号没有可核查的事项或用途；需要时请联系本市安全管理员。",
        "Your account has no matter or no purpose; ask your security administrator.",
    ),
    "rows": (
        "主体，一行一个：统一社会信用代码，空格，主体全称",
        "Subjects, one a line: unified code, a blank, the whole name",
    ),
    "opened": ("正在跟踪 {n} 个主体。", "{n} subjects are watched."),
    "refused": ("没有跟踪的行", "Rows that are not watched"),
    "refused.one": ("第 {row} 行：{why}", "row {row}: {why}"),
    "go-on": ("查看变化", "Look at the changes"),
    "changes": ("答复有变的主体", "Whose answer changed"),
    "changes.new": ("新的变化", "What is new"),
    "changes.none": ("没有变化。", "No change."),
    "changes.none.new": ("上次看过以后没有变化。", "No change since you read it last."),
    "show.new": ("上次看过以后的", "since you read it last"),
    "show.all": ("从头看", "from the beginning"),
    "new": ("新", "new"),
    "read": ("看过了，下次从这里接着看", "Read: go on from here next time"),
    "read.lead": (
        "只记在这台电脑的浏览器里，不含主体；换一台电脑就从头看起。",
        "Kept in this browser alone, without a subject; another one begins at the beginning.",
    ),
    "pending": ("还有 {n} 个主体正在核查，稍后刷新。", "{n} are still judged: look again later."),
    "incomplete": (
        "有的日志暂时收不到，没有变化不等于没有新列入。",
        "Some logs are not heard: no change does not mean that nothing was listed.",
    ),
    "changed": ("变化", "What changed"),
    "now": ("现在的答复", "The answer now"),
    "result.clear": ("未发现", "nothing found"),
    "result.match": ("命中", "match"),
    "result.unmeasured": (
        "列入，无措施，不得据此限制",
        "listed, no measure: restrict nobody by it",
    ),
    "result.insufficient": ("无法判定", "cannot be decided"),
    "logs": ("日志的变化", "What changed of logs"),
    "again": (
        "据此办理以前，请在“核查与反馈”按同一办件再核查一次。",
        "Before you act on it, ask again under the same case on the page of checks.",
    ),
    "close": ("结束跟踪", "End the watch"),
    "close.lead": (
        "结束以后不再告知，名单随即清除，不能恢复。",
        "Nothing more is told, and who was watched is erased for good.",
    ),
    "closed": ("已结束。", "Ended."),
}
