"""Texts of the page of reliefs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("修复与解除", "Reliefs"),
    "certificate.file": ("执行情况证明", "certificate"),
    "lead": (
        "每一件修复、撤销、屏蔽、暂停在各市走到哪一步；逾期的排在最前。",
        "How far each relief has come in every city; what is late stands first.",
    ),
    "show.outstanding": ("尚未全部执行", "not done everywhere"),
    "show.late": ("有逾期的", "late somewhere"),
    "show.all": ("全部", "all"),
    "done.no-deadline": ("已执行；是否按时未知", "done; whether in time is not known"),
    "none.outstanding": ("都已执行完毕。", "All of them are executed."),
    "none": ("没有这样的解除。", "There is none."),
    "what": ("解除", "Relief"),
    "of": ("作出城市", "Its city"),
    "due": ("期限", "Due"),
    "progress": ("执行情况", "Progress"),
    "done-of": ("{done} / {all} 市已执行", "{done} of {all} cities done"),
    "waits-for": ("还差：{who}", "waits for {who}"),
    "late-by": ("逾期：{who}", "late: {who}"),
    "look": ("查看", "Look"),
    "light.good": ("全部完成", "all done"),
    "light.wait": ("执行中", "under way"),
    "light.departments.wait": (
        "名单已解除，本市部门待办",
        "lists are done, departments here are not",
    ),
    "light.departments.bad": ("名单已解除，本市部门逾期", "lists are done, departments here late"),
    "departments.count": (
        "本市部门待解除、复核或反馈：{n}",
        "departments here still to undo, look again or report: {n}",
    ),
    "departments": ("本市部门的措施", "Measures of departments here"),
    "departments.lead": (
        "各市执行的是名单与平台；部门此前办件时据此采取的措施，由部门自己解除或复核并反馈。",
        (
            "Cities execute it on lists and platforms; what departments did on it before, in cases "
            "of their own, they undo or look at again themselves, and report it."
        ),
    ),
    "departments.none": (
        "没有部门还要解除、复核或反馈。",
        "No department has anything left to undo, look at again or report.",
    ),
    "departments.due-rule": (
        "两个期限出自两条规则：上面的“期限”是各市把名单和平台解除的最后一天；这里的是部门被告知后按本事项目录须反馈的最后一天。",
        (
            "Two rules, two days: the one above is the last for cities to lift lists and "
            "platforms; this is the last for a department to report after it was told, by the "
            "catalog of its matter."
        ),
    ),
    "departments.who": (
        "由该部门反馈；本机查询的和部门未接入的，由本市经办在核查页代为反馈。",
        (
            "The department reports it; what the node itself asked, or a department without an "
            "account, an operator of this city reports on the page of the check."
        ),
    ),
    "departments.settle": ("办理", "Settle"),
    "departments.look": ("查看", "Look"),
    "department": ("部门", "Department"),
    "matter": ("事项", "Matter"),
    "owed": ("待办", "To do"),
    "report-by": ("反馈期限", "To report by"),
    "overdue": ("逾期", "overdue"),
    "lists-done": ("名单与平台", "Lists and platforms"),
    "certificate.not-departments": (
        "证明只说各市名单与平台的执行；本市还有 {n} 件部门措施未反馈，不在证明之内。",
        (
            "The certificate speaks of lists and platforms alone; {n} measures of departments here "
            "are not reported yet, and are not in it."
        ),
    ),
    "light.bad": ("有逾期", "late"),
    "back": ("返回修复与解除", "Back to the reliefs"),
    "facts": ("这件解除", "This relief"),
    "kind": ("种类", "Kind"),
    "document": ("决定文书号", "Number of the decision"),
    "decided": ("决定日期", "Decided on"),
    "published": ("他方联署的时间", "Cosigned by others"),
    "not-proved": ("尚未证明", "not proved yet"),
    "everywhere": ("各市执行情况", "In every city"),
    "member": ("成员", "Member"),
    "received": ("收到", "Received"),
    "applied": ("应用", "Applied"),
    "executed": ("执行完毕", "Executed"),
    "verdict": ("是否按时", "In time"),
    "resend": (
        "只列须执行的市、县；作出城市自己、枢纽和省级成员不执行，不在其中。节点会一直重发到对方回执为止；长时间没有收到的，请看“成员与联盟”里该市的连接。",
        (
            "Cities and counties that have to execute it stand here: not its own city, no hub and "
            "no province. The node sends on until each member has acknowledged; where one is long "
            "without, look at its line on the page of members."
        ),
    ),
    "certificate": ("出具执行情况证明", "Make the certificate"),
    "certificate.lead": (
        "由申请的主体提供自己的统一社会信用代码，与决定一致才出具；节点不留存。",
        "The firm that asks gives its own code, which must be that of the relief; nothing is kept.",
    ),
    "subject": ("申请主体的统一社会信用代码", "Unified code of who asks"),
    "check": ("核验地址（可不填）", "Where it may be checked (may be empty)"),
    "make": ("出具证明（PDF）", "Make the certificate (PDF)"),
}
