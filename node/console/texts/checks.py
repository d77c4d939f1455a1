"""Texts of the pages about checks and outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("核查与反馈", "Checks and outcomes"),
    "ask": ("办事前核查", "Ask before you act"),
    "ask.lead": (
        "一次问一个主体、一个事项、一个办件。只能按答复所列的措施办理。",
        "One subject, one matter, one case. Only the measures of the answer may follow.",
    ),
    "ask.button": ("核查", "Ask"),
    "ask.nothing": (
        "您的账号没有可核查的事项或用途；需要时请联系本市安全管理员。",
        "Your account has no matter or no purpose; ask your security administrator.",
    ),
    "matter": ("事项", "Matter"),
    "purpose": ("用途", "Purpose"),
    "case": ("办件编号", "Number of the case"),
    "subject.code": ("统一社会信用代码", "Unified social credit code"),
    "subject.name": ("主体全称", "Whole name of the subject"),
    "waiting": ("待反馈", "Waiting for an outcome"),
    "waiting.none": ("没有待反馈的命中。", "No match waits for an outcome."),
    "form.file": ("案件反馈单", "case"),
    "form": ("打印案件反馈单", "Print the form of the case"),
    "number": ("查询编号", "Number"),
    "list": ("名单", "List"),
    "from": ("来自", "From"),
    "due": ("反馈期限", "Due"),
    "state": ("状态", "State"),
    "department": ("单位", "Unit"),
    "overdue": ("逾期", "overdue"),
    "state.pending": ("待反馈", "pending"),
    "state.reported": ("已反馈", "reported"),
    "state.reopened": ("须解除或复核", "to be undone"),
    "state.undone": ("已解除", "undone"),
    "state.wrong": ("命中错误，待核", "wrong, held"),
    "state.closed": ("已办结", "closed"),
    "back": ("核查与反馈", "Checks and outcomes"),
    "result.clear": ("未发现", "Nothing found"),
    "result.clear.told": ("照常办理。", "Go on as usual."),
    "result.match": ("命中", "Match"),
    "result.match.told": (
        "逐条看所列措施，只按措施办理，办结后反馈。",
        "Look at each measure; do what they say and no more, then report.",
    ),
    "result.unmeasured": ("列入，无措施，不得据此限制", "Listed: restrict nobody by it"),
    "result.unmeasured.told": (
        "有列入记录，但本市对本事项没有可采取的措施：不得据此限制，也不用反馈。",
        "It is listed, but no measure is here for this matter: no restriction, no report.",
    ),
    "result.reopened": ("须解除或复核", "To be undone"),
    "result.reopened.told": (
        "所据的列入已修复或撤销：请部门解除或复核已采取的措施，再在下面反馈；没有采取过的，报“未采取”，理由选“该列入已被修复或撤销”。",
        (
            "What it rested on was repaired or withdrawn: have what followed undone "
            "or re-examined, then report it below; where nothing was done, say “not applied” "
            "and why."
        ),
    ),
    "result.settled": ("已办结", "Settled"),
    "result.settled.told": (
        "这次命中没有要办的了，不得再据此限制；以后的事项请重新查询。",
        "Nothing is left to do, and nobody may be restricted by it: ask anew for later acts.",
    ),
    "result.insufficient": ("无法判定", "Cannot be decided"),
    "result.insufficient.told": (
        "交人核实。不是命中，不得据此限制。",
        "Somebody has to look. It is no match, and nobody may be restricted by it.",
    ),
    "result.error": ("不能答复", "No answer"),
    "result.error.told": ("请按下列说明处理后再问。", "See to what is said, then ask again."),
    "partial": (
        "有日志没有查到，按本单位规定处理，不得当作命中：{who}",
        "Not every log was heard; that is no match: {who}",
    ),
    "case-of": ("办件 {case} · {matter}", "case {case} · {matter}"),
    "authority": ("认定单位", "Authority"),
    "document": ("文书号", "Document"),
    "decided": ("决定日", "Decided"),
    "measure": ("措施", "Measure"),
    "class.block": ("拦截", "block"),
    "class.prompt": ("提示", "prompt"),
    "manner": ("怎么办", "How"),
    "basis": ("依据", "Basis"),
    "no-measure": (
        "本市对本事项没有可采取的措施，不得据此限制，也不用反馈。",
        "This region has no measure for this matter: nobody may be restricted by it.",
    ),
    "notes": ("附注", "Notes"),
    "notes.lead": (
        "同一主体的处罚和重点关注，供参考：不是命中，不得据此限制，也不用反馈。",
        "Penalties and close attention, for reference: no match, no restriction, no report.",
    ),
    "note.kind": ("种类", "Kind"),
    "note.penalty": ("行政处罚", "penalty"),
    "note.watch-list": ("重点关注", "close attention"),
    "normalised": ("所填内容已规范后核查：{what}", "Asked after this was made plain: {what}"),
    "superseded": (
        "同一请求此前答复的 {n} 条命中现已不成立；据此采取的措施须解除或复核。",
        "{n} matches of the answer before do not hold any more: undo or re-examine what followed.",
    ),
    "report": ("反馈办理结果", "Report what was done"),
    "report.who": (
        "须由“{who}”反馈；“本机”的查询和部门未接入的，请本市经办（业务操作员账号）在本页办理。",
        (
            "“{who}” has to report it; what the node itself asked, or a department without an "
            "account, an operator of this city reports on this page."
        ),
    ),
    "erased": ("已随修复或期满删除", "erased with its repair or at its end"),
    "ended": ("结束于", "Ended by"),
    "ended.repair": ("修复", "repair"),
    "ended.withdrawal": ("撤销", "withdrawal"),
    "ended.look": ("查看", "look"),
    "report.button": ("反馈", "Report"),
    "report.done": ("已收下。", "Taken."),
    "reported": ("已报告", "Reported"),
    "result": ("结果", "Result"),
    "did.applied": ("已采取", "applied"),
    "did.prompted": ("已提示", "prompted"),
    "did.not-applied": ("未采取", "not applied"),
    "did.proceeded": ("仍予办理", "proceeded"),
    "did.wrong-subject": ("命中的不是这家", "another subject"),
    "did.undone": ("已解除", "undone"),
    "did.re-examined": ("已复核", "re-examined"),
    "reason": ("理由（未采取、仍予办理时）", "Reason (not applied, proceeded)"),
    "decided-on": ("决定之日", "Day of the decision"),
    "person": ("责任人（只存于本市）", "Who is responsible (stays here)"),
    "corrects": ("更正此前的反馈", "corrects the report before"),
}
