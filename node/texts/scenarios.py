"""Words of scenarios and recognitions 场景互认 in tables: how one stands, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.codes import chinese
from node.texts.fields import day

STATES: Final[Mapping[str, str]] = {
    "in-force": "有效",
    "not-yet": "尚未开始",
    "over": "已到期",
    "closed": "已关闭",
    "unread": "无法读取",
}
"""How a scenario stands."""
STANDINGS: Final[Mapping[str, str]] = {
    "own": "本地场景",
    "accepted": "认可",
    "declined": "不认可",
    "suspended": "暂停",
    "ended": "终止",
    "ask-again": "须重新认可",
    "none": "未表态",
}
"""What a region says of it."""
MARKS: Final[Mapping[str, str]] = {
    "own": "◎",
    "accepted": "√",
    "declined": "×",
    "suspended": "停",
    "ended": "止",
    "ask-again": "？",
    "none": "",
}
"""The same in a cell of the matrix; the legend says what they mean."""
_ACTIONS: Final[Mapping[str, str]] = {
    "opened": "开放",
    "amended": "修订",
    "closed": "关闭",
    "accepted": "认可",
    "declined": "不认可",
    "suspended": "暂停",
    "ended": "终止",
}


def legend(*, english: bool) -> str:
    """What the marks of the matrix mean."""
    return "；".join(
        f"{mark} {code if english else STANDINGS[code]}" for code, mark in MARKS.items() if mark
    )


def short_in_words(row: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A scenario of a list."""
    return dict(row) | {
        "state": row["state"] if english else STATES.get(row["state"], row["state"]),
        "incentives": "；".join(one["text"] for one in row["incentives"]),
        "valid_until": day(row["valid_until"]) or ("open" if english else "长期"),
        "here": standing_in_words(row["here"], english=english),
    }


def standing_in_words(found: Mapping[str, Any], *, english: bool) -> str:
    """How it stands in one region, why, and until when."""
    word = found["standing"] if english else STANDINGS.get(found["standing"], found["standing"])
    why = "" if not found["code"] else (found["code"] if english else chinese(found["code"]))
    until = day(found["until"])
    more = [why, until and (f"until {until}" if english else f"至{until}")]
    told = "，".join(filter(None, more))
    return f"{word}（{told}）" if told else word


def region_in_words(said: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """What one region says of it."""
    further = said.get("further")
    return dict(said) | {
        "standing": standing_in_words(said, english=english),
        "further": further and further["en" if english else "zh"],
        "services": "、".join(said.get("services", ())),
        "equivalences": "；".join(
            f"{one['method']}/{one['edition']} {one['grade']} = "
            f"{one['own_method']}/{one['own_edition']} {one['own_grade']}"
            for one in said.get("equivalences", ())
        ),
    }


def event_in_words(event: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """One line of a scenario's history."""
    action = event["action"]
    return dict(event) | {
        "day": day(event["day"]),
        "action": action if english else _ACTIONS.get(action, action),
        "effective_on": day(event.get("effective_on", 0)),
        "text": event.get("title") or event.get("reason") or event.get("conditions", ""),
    }
