"""Texts of the pages about records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("记录", "Records"),
    "subject": ("主体", "Subject"),
    "subject.hint": ("统一社会信用代码或全称", "Code, or the whole name"),
    "asked": (
        "“{subject}”的记录；已修复、撤销、到期的已清除主体，不在其中",
        "Records of “{subject}”; those that ended have no subject any more and are not here",
    ),
    "asked.none": (
        "没有查到。名称须是全称；曾用名也可以查。",
        "Nothing found. A name has to be whole; former ones are found too.",
    ),
    "choose": ("筛选", "Choose"),
    "all": ("全部", "All"),
    "list": ("名单", "List"),
    "state": ("状态", "State"),
    "city": ("来自", "From"),
    "kind": ("种类", "Kind"),
    "kind.listing": ("列入", "listings"),
    "kind.penalty": ("行政处罚", "penalties"),
    "kind.commendation": ("守信", "commendations"),
    "authority": ("认定单位", "Authority"),
    "document": ("文书号", "Document"),
    "decided": ("决定日", "Decided"),
    "until": ("公示至", "Published until"),
    "erased": ("内容已删除", "content erased"),
    "erased.told": (
        "这条记录已经结束，主体和内容已从本节点删除；留下的是日志中的条目及其证明。",
        "This record has ended: subject and content are erased here; the leaf and its proof stay.",
    ),
    "none": ("没有符合的记录。", "No such records."),
    "search.on": ("接着找", "Look further"),
    "search.going": (
        "还没有找完，正在接着找（找过 {n} 段）；停下来时请按“接着找”。按代码查，马上有答复。",
        "Not all has been looked through; it goes on (part {n}). A code is answered at once.",
    ),
    "search.paused": (
        "找过 {n} 段，还没有找完，不等于没有：请按“接着找”，或者按统一社会信用代码查。",
        "Not all has been looked through in {n} parts: go on, or look by the unified code.",
    ),
    "search.rest": ("还没有找完，后面可能还有。", "Not all has been looked through yet."),
    "search.end": ("后面没有了，都找过了。", "That was all: everything has been looked through."),
    "story": ("经过", "Story"),
    "says": ("内容", "What it says"),
    "facts": ("要点", "In short"),
    "basis": ("依据", "Basis"),
    "reason": ("事由", "Reason"),
    "exit_path": ("退出途径", "Ways out"),
    "remedy": ("救济途径", "Remedies"),
    "repair": ("可否修复", "Repair"),
    "forward": ("转办异议或修复申请", "Forward an objection or an application"),
    "forward.lead": (
        "主体在本市提出的异议或修复申请，转交列入地办理。",
        "What its subject hands in here goes to who listed it.",
    ),
    "payload": ("全部内容（JSON）", "All of it (JSON)"),
    "settled": ("人工核定", "Settled by persons"),
    "case": ("到案件页", "To the case"),
    "removal.file": ("删除记录", "removal"),
    "removal": ("打印删除记录", "Print the record of removal"),
    "proof.file": ("记录证明", "proof"),
    "proof": ("下载证明", "Download the proof"),
    "asked-by": (
        "谁查过这家：由本市审计员到“审计”查，凭主体的授权书和两人签署。",
        "Who asked about this subject: auditors of this city find out under Audit.",
    ),
    "proof.told": (
        "证明这条记录写在日志里的文件，任何人都能离线核验：",
        "A file that proves this record stands in the log; anybody can verify it offline:",
    ),
    "step.decided": ("作出决定", "decided"),
    "step.published": ("写入日志", "published in the log"),
    "step.cosigned": ("首次由其他成员联署", "first cosigned by others"),
    "step.repair": ("修复", "repaired"),
    "step.withdrawal": ("撤销", "withdrawn"),
    "step.erasure": ("删除内容", "content erased"),
    "step.executed": ("已执行解除", "executed the relief"),
    "rule": ("规则", "Rule"),
    "annotations": ("标注", "Annotations"),
    "where": ("日志与序号", "Log and index"),
    "ending.counts": (
        "{executed}/{members} 个成员已执行",
        "{executed} of {members} members executed it",
    ),
    "ending.late": ("逾期：{who}", "late: {who}"),
    "back": ("全部记录", "All records"),
}
