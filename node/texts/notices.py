"""Notices 属地通报 and reminders 失信提醒, put for people (`huxin notices`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.codes import chinese
from node.texts.fields import Pair, annotation, day, moment, state_in_words

REMINDERS: Final[Mapping[str, Pair]] = {
    "": ("", ""),
    "none": ("未提醒", "not yet"),
    "listed": ("已列入", "that it is listed"),
    "repair": ("可申请修复", "that it may ask for repair"),
}
"""Of what a subject was, or is to be, reminded."""

COLUMNS: Final[Mapping[str, Pair]] = {
    "statement_id": ("声明", "statement"),
    "subject_name": ("主体", "subject"),
    "subject_code": ("主体代码", "code"),
    "city": ("列入地", "listed in"),
    "list_name": ("名单", "list"),
    "state": ("状态", "state"),
    "publish_until": ("公示至", "published until"),
    "repair_from": ("可申请修复日", "repair from"),
    "reminder_due": ("应提醒", "to be reminded"),
}
UNDER: Final[Mapping[str, tuple[str, ...]]] = {
    "subject_name": ("subject_code",),
    "city": ("list_name",),
    "publish_until": ("repair_from",),
}

HEAD: Final[Mapping[str, Pair]] = {
    "statement_id": ("声明", "statement"),
    "subject_name": ("主体", "subject"),
    "subject_code": ("主体代码", "code"),
    "city": ("列入地", "listed in"),
    "list_name": ("名单", "list"),
    "authority_name": ("认定单位", "authority"),
    "document": ("认定文书号", "document"),
    "decided_on": ("认定日期", "decided"),
    "publish_until": ("公示至", "published until"),
    "reason": ("列入事由", "reason"),
    "state": ("状态", "state"),
    "rule": ("说明", "rule"),
    "annotations": ("标注", "annotations"),
    "repair_possible": ("可申请修复", "ways to repair"),
    "repair_from": ("可申请修复日", "repair from"),
    "ended": ("移出依据", "ended by"),
    "noticed_at": ("通报时间", "told at"),
    "changed_at": ("变动时间", "changed at"),
    "reminded": ("已提醒", "reminded"),
    "reminded_at": ("提醒时间", "reminded at"),
    "reminder_due": ("应提醒", "to be reminded"),
}
"""Every line of a notice by itself."""


def line(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A notice of the list."""
    ended = one["ended_by"] or {}
    return {
        **one,
        "subject_name": one["subject"]["name"],
        "subject_code": one["subject"]["code"],
        "authority_name": one["authority_name"] or one["authority"],
        "decided_on": day(one["decided_on"]),
        "publish_until": day(one["publish_until"]),
        "repair_from": day(one["repair_from"]),
        "state": state_in_words(one["state"], english=english),
        "rule": one["rule"] if english else chinese(one["rule"]) or one["rule"],
        "annotations": (", " if english else "、").join(
            annotation(name, english=english) for name in one["annotations"]
        ),
        "repair_possible": "；".join(one["repair_possible"]),
        "ended": " ".join(str(part) for part in (ended.get("city"), ended.get("document")) if part),
        "noticed_at": moment(one["noticed_at"]),
        "changed_at": moment(one["changed_at"]),
        "reminded": REMINDERS[one["reminded"]][english],
        "reminded_at": moment(one["reminded_at"]) if one["reminded_at"] else "",
        "reminder_due": REMINDERS[one["reminder_due"]][english],
    }
