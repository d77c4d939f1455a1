"""How a request that was forwarded stands, put for people (`huxin requests`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.fields import Pair, day

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


def in_words(words: Mapping[str, Pair], name: str, *, english: bool = False) -> str:
    """A word of a table; itself where the table has none, as from a newer node."""
    return words[name][english] if name in words else name
