"""Texts of the page of imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("导入名单", "Imports"),
    "lead": (
        "先试后发：选好文件，系统只检查、不发布，列出将发生什么；看过再发布。",
        "First tried, then published: the file is only checked and you see what will happen.",
    ),
    "file": ("文件", "File"),
    "endings": ("可用：{endings}，至多 32 MB", "{endings}, at most 32 MB"),
    "kind": ("文件说的是什么", "What the rows say"),
    "kind.list": ("名单（列入）", "a list"),
    "kind.repair": ("修复", "repairs"),
    "kind.withdrawal": ("撤销", "withdrawals"),
    "kind.annotation": ("标注（异议、屏蔽、暂停）", "annotations"),
    "kind.commitment": ("信用承诺", "commitments"),
    "kind.scenario": ("场景", "scenarios"),
    "list_type": ("名单类型", "Which list"),
    "list_type.found": ("由数源或文件确定", "as its source or the file says"),
    "source": ("数源部门", "Source department"),
    "source.found": ("不指定", "not named"),
    "full_snapshot": (
        "全量文件：文件里没有的行将暂停",
        "Full snapshot: rows that are gone are paused",
    ),
    "try": ("检查", "Check it"),
    "told.no-file": ("请选择一个可用类型的文件。", "Choose a file of one of the types."),
    "told.too-large": (
        "文件过大，请放入数源部门的收件目录。",
        "Too large: put it into the inbox folder of its source.",
    ),
    "told.unnamed": (
        "看不出文件是哪一种名单，请选择名单类型，再选一次文件。",
        "Which list the file is does not show: choose it, and the file again.",
    ),
    "told.gone": (
        "检查过的文件已过期（15 分钟），请重新检查。",
        "The checked file is gone (15 minutes): check it again.",
    ),
    "tried": ("检查结果：还没有发布", "Checked, not published"),
    "published": ("已发布", "Published"),
    "figures": ("数量", "Figures"),
    "faults": ("错误（按类）", "Faults by kind"),
    "errors": ("错误的行", "Rows at fault"),
    "row": ("行", "Row"),
    "column": ("列", "Column"),
    "code": ("代码", "Code"),
    "message": ("说明", "Message"),
    "value": ("所写", "Value"),
    "expected": ("哪里不对、应为", "What is wrong, expected"),
    "more-rows": ("另有 {n} 条，见下载的文件。", "{n} more stand in the file."),
    "download": ("下载错误清单（CSV）", "Download the faults (CSV)"),
    "after": ("发布后：{what}", "once published: {what}"),
    "publish.all": ("发布", "Publish"),
    "publish": ("发布正确的行", "Publish the rows that are right"),
    "publish.lead": (
        "错误的行不发布，改正后可再次导入同一文件，已发布的行不会重复。",
        "Rows at fault are left out; mend them and import the file again, nothing comes twice.",
    ),
    "well": ("没有错误的行。", "No row is at fault."),
    "again": ("再导入一个文件", "Another file"),
    "persons": (
        "这类文件须两人确认后才能发布，请交系统管理员在命令行办理：huxin publish --by。",
        "What two persons must say of rows is said on the command line: huxin publish --by.",
    ),
}
