"""Texts of the first page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import LOG_STATES, Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("总览", "Overview"),
    "sentence.well": (
        "{logs} 个日志全部追平，没有待执行的解除，今日无须处理。",
        "All {logs} logs are up to date, no relief waits to be executed; nothing needs a hand.",
    ),
    "sentence.open": (
        "{logs} 个日志全部追平；有 {open} 件解除正在各市执行，都未到期。",
        "All {logs} logs are up to date; reliefs that are being executed: {open}, none is late.",
    ),
    "sentence.hands": (
        "{logs} 个日志全部追平；有 {hands} 项须处理。",
        "All {logs} logs are up to date; matters that need a hand: {hands}.",
    ),
    "sentence.overdue": (
        "有 {overdue} 件解除逾期未执行，请先办理；另有事项见下表。",
        "Reliefs that were not executed in time: {overdue}. See to them first.",
    ),
    "sentence.silent": (
        "{logs} 个日志中有 {well} 个正常，其余暂时收不到。",
        "{well} of {logs} logs are well; the others are not heard at the moment.",
    ),
    "night.well": (
        "夜间和后台的 {jobs} 项任务都按时完成。",
        "All {jobs} jobs of the night and the background ran in time.",
    ),
    "night.failed": (
        "夜间和后台的 {jobs} 项任务中有 {bad} 项没有按时完成，会自动重试。",
        "{bad} of {jobs} jobs of the night and the background did not end well; tried again.",
    ),
    "lights": ("四盏灯", "Four lights"),
    "light.exchange": ("收发", "Exchange"),
    "light.relief": ("修复与反馈", "Reliefs and outcomes"),
    "light.platform": ("平台与文件", "Platform and files"),
    "light.node": ("本机", "This node"),
    "state.good": ("正常", "well"),
    "state.wait": ("留意", "look at it"),
    "state.bad": ("有故障", "broken"),
    "hands": ("{n} 项须处理", "{n} to see to"),
    "no-hands": ("无须处理", "nothing to do"),
    "passing": ("会自行恢复", "passes by itself"),
    "work": ("待办", "What waits"),
    "work.what": ("办什么", "What"),
    "work.count": ("件数", "How many"),
    "work.late": ("逾期", "Late"),
    "work.no-day": ("不设期限", "no day is set"),
    "work.cases": ("待核案件", "Cases to settle"),
    "work.cases.second": (
        "待第二人确认的决定",
        "Decisions that wait for a second person",
    ),
    "work.cases.letter": ("待签发的决定书", "Decisions to be issued"),
    "work.requests.answer": ("等本市答复的转办", "Requests to answer"),
    "work.requests.sent": ("等对方答复的转办", "Requests that others have to answer"),
    "work.repairs": ("尚未处处执行的解除", "Reliefs not executed everywhere"),
    "work.outcomes": ("待反馈的命中", "Matches to be reported"),
    "work.reopened": ("须解除或复核的命中", "Matches to undo or to look at again"),
    "work.imports.returned": ("被退回的导入", "Imports that were sent back"),
    "work.imports.ready": (
        "两人已确认、可发布的导入",
        "Imports that two have said, to be published",
    ),
    "work.imports": ("等您确认的导入", "Imports that wait for your word"),
    "work.editions": ("待核对的目录条目", "Entries of the catalog to confirm"),
    "problems": ("须处理的事项", "What needs a hand"),
    "what": ("事项", "What"),
    "then": ("怎么办", "What to do"),
    "fix.system": ("请告知系统管理员", "Tell the system administrator"),
    "fix.colleague": ("由本市有此权限的同事办理", "A colleague of another role settles it"),
    "settle": ("到“{page}”办理", "Settle it on: {page}"),
    "map": ("联盟", "Alliance"),
    "map.described": (
        "本市与各成员的连线；实线为正常，虚线为暂时收不到。同样的内容见右表。",
        "Lines to each member: whole where all is well, broken where not. The table says the same.",
    ),
    "city": ("成员", "Member"),
    "state": ("状态", "State"),
    "heard": ("最近收到", "Last heard"),
    "behind": ("待判定", "Not yet judged"),
    "ago": ("{span}前", "{span} ago"),
    **{f"log.{word}": pair for word, pair in LOG_STATES.items()},
    "log.behind": ("判定中", "being judged"),
    "log.quiet": ("久未收到", "not heard lately"),
    "charter": (
        "{name} 第 {version} 版，还有 {span}到期",
        "{name}, version {version}, ends in {span}",
    ),
    "yours": ("您可以办理的", "What you can do here"),
}
