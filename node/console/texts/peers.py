"""Texts of the members' page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("成员与联盟", "Members"),
    "lead": (
        "每个成员的日志收到哪里、判到哪里；章程有效到何时；谁在申请加入。",
        "How far each log has come and was judged; until when charters hold; who asks to join.",
    ),
    "member": ("成员", "Member"),
    "state": ("状态", "State"),
    "size": ("条目", "Entries"),
    "behind": ("待判定", "To be judged"),
    "heard": ("最近收到", "Last heard"),
    "ago": ("{span}前", "{span} ago"),
    "none": ("还没有其他成员的日志。", "No log of another member yet."),
    "charters": ("章程", "Charters"),
    "agreement.file": ("章程暨共享协议", "charter"),
    "agreement": ("打印章程暨共享协议", "Print charter and sharing agreement"),
    "charter": ("章程", "Charter"),
    "version": ("版本", "Version"),
    "ends": ("还有多久到期", "Ends in"),
    "problems": ("须处理", "What needs a hand"),
    "what": ("事项", "What"),
    "then": ("怎么办", "What to do"),
    "well": (
        "证书、章程、连接均无问题。",
        "Certificates, charters and lines are well.",
    ),
    "pending": ("加入申请", "Requests to join"),
    "pending.lead": (
        "由持有章程密钥的人在节点本机运行所列命令批准，此前请电话核对指纹；章程不在网页上签署。",
        (
            "Who holds the charter key approves at the node by the command shown, after comparing "
            "the fingerprint by voice; no charter is signed on a page."
        ),
    ),
    "pending.none": ("没有等待批准的申请。", "No request waits."),
    "asks": ("申请者", "Who asks"),
    "fingerprint": ("指纹", "Fingerprint"),
    "until": ("有效到", "Until"),
}
