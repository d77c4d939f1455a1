"""How a request that was forwarded stands, put for people (`huxin requests`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.codes import chinese
from node.texts.fields import Pair, day, moment, state_in_words

TYPES: Final[Mapping[str, Pair]] = {
    "objection": ("异议", "objection"),
    "repair-application": ("信用修复申请", "repair-application"),
}
"""What was handed in."""

STATES: Final[Mapping[str, Pair]] = {
    "forwarded": ("已转出", "forwarded"),
    "received": ("已收到", "received"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予支持", "declined"),
    "done": ("已办结", "done"),
    "withdrawn": ("已撤回", "withdrawn"),
}
"""How it stands, and what an answer says."""

DUE: Final[Mapping[str, Pair]] = {"accept": ("受理", "accept"), "result": ("办结", "result")}
"""What has a deadline."""


def handed_in(document: str, text: str) -> str:
    """What was handed in: the number of its receipt, and what it says."""
    return "\n".join(part for part in (document and f"收文号：{document}", text) if part)


def line(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A request of the list; a deadline that nobody has confirmed is said to be unknown."""
    result = one["due"]["result"]
    return {
        **one,
        "type": in_words(TYPES, one["type"], english=english),
        "state": in_words(STATES, one["state"], english=english),
        "document": one["record"]["document"],
        "received_on": day(one["received_on"]),
        "result_due": day(result["last"]) if result else ("未知", "unknown")[english],
        "overdue": "、".join(in_words(DUE, name, english=english) for name in one["overdue"]),
    }


SIDES: Final[Mapping[str, Pair]] = {
    "answer": ("由本地答复", "to be answered here"),
    "sent": ("由本地转出", "forwarded from here"),
}
"""On which side we are."""

HEAD: Final[Mapping[str, Pair]] = {
    "number": ("转办编号", "number"),
    "statement_id": ("声明", "statement"),
    "type": ("事项", "type"),
    "state": ("状态", "state"),
    "side": ("办理", "side"),
    "from": ("转出", "from"),
    "to": ("认定方", "to"),
    "subject_name": ("主体", "subject"),
    "code": ("主体代码", "code"),
    "list_type": ("名单", "list"),
    "authority": ("认定单位", "authority"),
    "document": ("认定文书号", "document"),
    "listing": ("列入声明", "listing"),
    "listing_state": ("列入状态", "state of the listing"),
    "received_on": ("收到日期", "received"),
    "forwarded_at": ("转出时间", "forwarded at"),
    "accept_due": ("受理期限", "to be accepted by"),
    "result_due": ("办结期限", "to be answered by"),
    "asked_due_on": ("转出方所请期限", "asked for by"),
    "overdue": ("逾期", "overdue"),
    "text": ("申请内容", "what is asked"),
}
"""Every line of a request by itself."""

GRANTS: Final[Mapping[str, Pair]] = {
    "repair": ("修复", "repair"),
    "withdrawal": ("撤销", "withdrawal"),
    "correction": ("更正", "correction"),
    "annotation": ("屏蔽或暂停", "masking or pause"),
}
"""By what a request was granted."""

ANSWERS: Final[Mapping[str, Pair]] = {
    "issued_at": ("时间", "time"),
    "city": ("单位", "by"),
    "action": ("答复", "answer"),
    "reason": ("理由", "reason"),
    "result": ("办理结果", "result"),
}
"""Columns of what was answered."""


def head(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A request by itself, without its answers."""
    record, listing = one["record"], one["listing"] or {}
    state = listing.get("state", "")
    return {
        **line(one, english=english),
        "side": in_words(SIDES, one["side"], english=english),
        "subject_name": listing.get("subject_name", ""),
        "code": record["code"],
        "list_type": record["list_type"],
        "authority": listing.get("authority_name") or record["authority"],
        "listing": listing.get("statement_id", ""),
        "listing_state": state and state_in_words(state, record["list_type"], english=english),
        "forwarded_at": moment(one["forwarded_at"]),
        "accept_due": _due(one["due"]["accept"], english=english),
        "result_due": _due(one["due"]["result"], english=english),
        "asked_due_on": day(one["asked_due_on"]),
    }


def answer(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """One answer, as a row."""
    result = one["result"] or {}
    kind = result.get("kind", "")
    named = in_words(GRANTS, kind, english=english)
    shown = " ".join(part for part in (named, result.get("document", "")) if part)
    return {
        "issued_at": moment(one["issued_at"]),
        "city": one["city"],
        "action": in_words(STATES, one["action"], english=english),
        "reason": one["reason"] if english else chinese(one["reason"]) or one["reason"],
        "result": shown or (f"{result['origin']} #{result['index']}" if result else ""),
    }


def _due(due: Mapping[str, Any] | None, *, english: bool) -> str:
    return ("未知", "unknown")[english] if due is None else day(due["last"])


def in_words(words: Mapping[str, Pair], name: str, *, english: bool = False) -> str:
    """A word of a table; itself where the table has none, as from a newer node."""
    return words[name][english] if name in words else name
