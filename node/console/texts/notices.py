"""Texts of the page of notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.texts.fields import Pair

TEXTS: Final[Mapping[str, Pair]] = {
    "title": ("属地通报", "Notices of our firms"),
    "lead": (
        "登记在本市、被外地列入的主体。请告知它可以怎么办：异议、修复，以及向谁提出。",
        "Firms registered here that another city listed. Tell them what they may do, and where.",
    ),
    "show.due": ("应提醒的", "to be reminded"),
    "show.all": ("全部", "all"),
    "none": ("没有这样的通报。", "There is none."),
    "subject": ("主体", "Subject"),
    "from": ("列入地", "Listed in"),
    "list": ("名单", "List"),
    "state": ("现状", "State"),
    "reminder": ("提醒", "Reminder"),
    "due": ("应提醒", "due"),
    "reminded": ("已提醒 {on}", "reminded {on}"),
    "look": ("查看", "Look"),
    "back": ("返回属地通报", "Back to the notices"),
    "facts": ("列入", "The listing"),
    "authority": ("认定单位", "Authority"),
    "document": ("文书号", "Document"),
    "decided": ("决定日期", "Decided on"),
    "until": ("公示截止", "Published until"),
    "reason": ("事由", "Reason"),
    "basis": ("依据", "Basis"),
    "repair": ("可申请修复之日", "Repair may be asked from"),
    "repair.unknown": ("未写明，请向认定单位询问", "not stated: ask the authority"),
    "ended": ("已由下列决定终止", "Ended by"),
    "letters": ("出具文书", "Letters"),
    "letter.notice": ("属地通报函（DOCX）", "The notice (DOCX)"),
    "letter.reminder": ("失信提醒函（DOCX）", "The reminder (DOCX)"),
    "remind": ("记下：已提醒该主体", "Keep that it was reminded"),
    "remind.lead": (
        "由本市自己的渠道（电话、函件、政务平台）提醒之后再记。",
        "Remind it by the city's own channel first, then keep it here.",
    ),
    "done": ("已记下提醒。", "The reminder is kept."),
}
