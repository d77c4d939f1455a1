"""How far a repair has come, put for people (`huxin repairs`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.texts.fields import Pair, day, moment

KINDS: Final[Mapping[str, Pair]] = {
    "repair": ("修复", "repair"),
    "withdrawal": ("撤销", "withdrawal"),
    "masking": ("屏蔽", "masking"),
    "pause": ("暂停", "pause"),
}
"""Every sort of relief."""

VERDICTS: Final[Mapping[str, Pair]] = {
    "in-time": ("按时", "in time"),
    "late": ("逾期", "late"),
    "waiting": ("未执行，未到期", "not done, not yet due"),
    "unknown": ("未知", "unknown"),
}
"""Every word of whether something was done in time."""

UNKNOWN: Final[Mapping[str, Pair]] = {
    "": ("", ""),
    "no-obligation": ("未知（未规定时限）", "unknown: no deadline is named"),
    "no-date": ("未知（决定日不详）", "unknown: no date of decision"),
    "not-proved": ("未知（尚无他方证明已发布）", "unknown: nobody has vouched for it yet"),
    "no-row": ("未知（没有已核实的时限）", "unknown: no confirmed row"),
    "year-not-covered": (
        "未知（工作日表未及该年）",
        "unknown: no table of working days for the year",
    ),
}
"""Every reason for which a deadline is not known."""

OWED: Final[Mapping[str, Pair]] = {
    "pending": ("待反馈", "to be reported"),
    "reported": ("已反馈，解除后即将重新办理", "reported, about to be reopened since it ended"),
    "reopened": ("须解除或复核", "to be undone or looked at again"),
}
"""Every state of a match in which a department has something to say."""

HEAD: Final[Mapping[str, Pair]] = {
    "statement_id": ("声明", "statement"),
    "kind": ("种类", "kind"),
    "city": ("作出城市", "city"),
    "origin": ("日志", "log"),
    "index": ("序号", "index"),
    "about": ("所针对声明", "about"),
    "list_type": ("名单", "list"),
    "subject_name": ("主体", "subject"),
    "document": ("文书号", "document"),
    "decided_on": ("决定日", "decided"),
    "published_by": ("发布（他方联署）", "published, as others cosigned"),
    "spoken": ("作出城市发布", "said by its city"),
    "said_in_time": ("撤回期限", "withdrawn in time"),
    "due": ("应于此日24时前执行", "to be executed by the end of"),
    "basis": ("依据", "basis"),
    "executed": ("已执行", "executed"),
    "outstanding": ("未执行", "outstanding"),
    "late": ("逾期", "late"),
    "departments": ("本市部门待反馈", "departments here to report"),
}

AUDITED: Final[Mapping[str, tuple[Pair, Pair]]] = {
    "repair.not-lifted": (
        ("漏修：该成员逾期未执行", "missed: the member has not executed the relief in time"),
        ("告知该市：huxin repairs show", "tell the member: huxin repairs show"),
    ),
    "repair.not-known": (
        (
            "未执行，是否逾期无法证明（时限、发布时间或该成员日志未知）",
            "not executed; whether that is late cannot be proved",
        ),
        ("huxin repairs show；恢复与该市的连接", "huxin repairs show; connect to the member again"),
    ),
    "repair.said-late": (
        ("晚修：作出城市逾期发布", "late: its own city said it after the last day"),
        ("告知作出城市：huxin repairs show", "tell the city: huxin repairs show"),
    ),
    "repair.applied-again": (
        ("漏修：该成员解除后又采用", "missed: lifted, and applied again"),
        ("告知该市核对其目录与决定", "tell the member to look at its decisions"),
    ),
    "repair.copy-stands": (
        ("漏修：同一记录在另一日志中仍有效", "missed: the record stands in another log"),
        ("由该日志的城市撤销", "its city withdraws it"),
    ),
    "repair.platform-shows": (
        ("漏修：平台仍显示已解除的记录", "missed: the platform still shows what has ended"),
        ("huxin adapter redeliver 平台", "huxin adapter redeliver PLATFORM"),
    ),
    "repair.platform-lifted": (
        ("错修：平台已解除未修复的记录", "wrong: the platform has lifted what stands"),
        ("huxin adapter redeliver 平台", "huxin adapter redeliver PLATFORM"),
    ),
}
"""Every finding of the audit: what it means, and what to do."""

RATES: Final[Mapping[str, Pair]] = {
    "first": ("自", "from"),
    "last": ("至", "to"),
    "reliefs": ("修复、撤销、屏蔽、暂停", "reliefs"),
    "executed": ("已执行（成员次）", "executed by members"),
    "in_time": ("按时", "in time"),
    "late": ("逾期", "late"),
    "waiting": ("未执行，未到期", "not done, not yet due"),
    "unknown": ("未知", "unknown"),
    "timely": ("修复及时率", "share in time"),
    "same_day": ("当日执行", "on the same day"),
    "same_day_share": ("当日执行率", "share of the same day"),
    "spoken_late": ("本市逾期发布", "said late by us"),
}

FINDINGS: Final[Mapping[str, Pair]] = {
    "": ("未复查", "not yet"),
    "ok": ("无疑", "no doubt"),
    "doubt": ("有疑", "doubt"),
}
"""What a recheck comes to."""

_NOT_PROVED: Final = ("时间未证明", "time not proved")
_NOT_DONE: Final = ("—", "—")
_NO_WORD: Final = ("尚无证明", "no proof yet")


def line(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A relief of the list."""
    return {
        **one,
        "kind": KINDS[one["kind"]][english],
        "city": one["city"] or one["origin"],
        "decided_on": day(one["decided_on"]),
        "due": day(one["due"]) if one["due"] else UNKNOWN[one["due_unknown"]][english],
        "executed": f"{one['executed']}/{one['members']}",
        "departments": one["departments"] or "",
    }


def head(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A relief by itself, without its members."""
    said = one["said_in_time"]
    return {
        **line(one, english=english),
        "published_by": _time(one["published_by"], english=english),
        "spoken": VERDICTS[one["spoken"]][english],
        "said_in_time": "" if said is None else VERDICTS[said][english],
        "basis": one["deadline"]["basis"] if one["deadline"] else "",
    }


def member(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """What one member did."""
    return {
        "city": one["city"] or one["member"],
        "received": _NO_WORD[english]
        if one["received"] is None
        else _said(one["received"], english=english),
        "applied": _said(one["applied"], english=english),
        "lifted": _said(one["lifted"], english=english)
        if one["lifts"] or one["lifted"]
        else ("无须解除", "nothing to lift")[english],
        "verdict": VERDICTS[one["verdict"]][english],
        "pushed": "" if one["pushed"] is None else VERDICTS[one["pushed"]][english],
    }


def department(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """What a department of this city has still to say."""
    return {
        **one,
        "state": OWED[one["state"]][english],
        "due_on": day(one["due_on"]) if one["due_on"] else UNKNOWN["year-not-covered"][english],
    }


def audited(one: Mapping[str, Any], *, english: bool) -> dict[str, Any]:
    """A finding of the audit, with what it means and what to do."""
    means, fix = AUDITED[one["code"]]
    return {**one, "means": means[english], "fix": fix[english]}


def rates(found: Mapping[str, Any]) -> dict[str, Any]:
    """Rates of a period, with shares in percent; those of nothing are left out."""
    shares = {
        name: "" if found[name] is None else f"{found[name]:.2%}"
        for name in ("timely", "same_day_share")
    }
    return {**found, "first": day(found["first"]), "last": day(found["last"]), **shares}


def _said(said: Mapping[str, Any] | None, *, english: bool) -> str:
    return _NOT_DONE[english] if said is None else _time(said["by"], english=english)


def _time(by: int | None, *, english: bool) -> str:
    return _NOT_PROVED[english] if by is None else moment(by)


def rechecked(found: Mapping[str, Any], *, english: bool = False) -> dict[str, str]:
    """A repair that was drawn, as a row."""
    said = found["recheck"] or {"finding": "", "person": "", "note": ""}
    return {
        **{name: str(found[name]) for name in ("statement_id", "quarter", "subject_name")},
        "document": str(found["document"]),
        "decided_on": day(found["decided_on"]),
        "finding": FINDINGS[said["finding"]][english],
        "person": said["person"],
        "note": said["note"],
    }
