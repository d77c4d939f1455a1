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
    "done-of": ("{done} / {all} 已执行", "{done} of {all} done"),
    "waits-for": ("还差：{who}", "waits for {who}"),
    "late-by": ("逾期：{who}", "late: {who}"),
    "look": ("查看", "Look"),
    "light.good": ("全部完成", "all done"),
    "light.wait": ("执行中", "under way"),
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
        "节点会一直重发到对方回执为止；长时间没有收到的，请看“成员与联盟”里该市的连接。",
        (
            "The node sends on until each member has acknowledged; where one is long without, "
            "look at its line on the page of members."
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
