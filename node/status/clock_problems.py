"""What is wrong with time: clocks that differ, and a time that persons have to confirm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

CONFIRM: Final = (
    "核对时间后由两人确认：huxin clock confirm / "
    "compare the clocks; two persons: huxin clock confirm"
)

BEHIND_SECONDS: Final = 3600
"""Trusted time is what a majority of members has signed, so a clock behind it is wrong."""
_SET: Final = (
    "校准本机时钟（NTP），再看 huxin clock show / "
    "set this machine's clock by NTP, then see huxin clock show"
)
_UNITS: Final = ((86_400, "天", "days"), (3_600, "小时", "hours"), (60, "分钟", "minutes"))


def of_clock(clock: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Clocks that differ, and a time that persons have to confirm."""
    differences = clock["differences"]
    if off := differences["differs_s"]:
        (chinese, english), ahead = _apart(off), off > 0
        yield {
            "code": "clock.differs",
            "message": f"本机时钟比各成员{chinese}：他们不采用本节点新签的日志头"
            f"{'，列入会提前到期' if ahead else ''} / "
            f"this machine's clock is {english} the members': they pass over our new heads"
            f"{', and lists end early' if ahead else ''}",
            "fix": _SET,
        }
    elif (behind := (clock["trusted"] or 0) - clock["machine"]) > BEHIND_SECONDS:
        chinese, english = _long(behind)
        yield {
            "code": "clock.differs",
            "message": f"本机时钟比可信时间慢 {chinese}，可信时间从不走快：按本机时钟，"
            "各成员的证书可能尚未生效，连不上任何成员 / "
            f"this machine's clock is {english} behind trusted time, which never runs ahead: by it "
            "certificates of members may not be valid yet, and nobody is reached",
            "fix": _SET,
        }
    for one in differences["members"]:
        chinese, english = _apart(one["seconds"])
        yield {
            "code": "clock.member-differs",
            "message": f"{one['member']} 的时钟比其他成员{chinese} / "
            f"{one['member']}: its clock is {english} the others'",
            "fix": "告知对方运维校准时钟 / tell its operator to set the clock",
        }
    if not clock["confirm"]:
        return
    if clock["trusted"] is None:
        message = (
            f"能签署时间的其他成员有 {clock['members']} 个，须有 {clock['needed']} 个；"
            "此前不删除到期内容，不更换密钥 / "
            f"{clock['members']} other members can sign a time, {clock['needed']} are needed: "
            "nothing that has expired is erased, no key ends"
        )
    else:
        chinese, english = _long(clock["ahead_s"])
        message = (
            f"成员所签时间比可信时间晚 {chinese}，超出可自动采信的范围；"
            "此前不删除到期内容，不更换密钥 / "
            f"members sign a time {english} beyond trusted time: more than may be "
            "believed unasked; nothing is erased by it, no key ends"
        )
    yield {"code": "clock.unconfirmed", "message": message, "fix": CONFIRM}


def _apart(seconds: int) -> tuple[str, str]:
    """How far one clock is from others, in Chinese and English; ahead where it is positive."""
    chinese, english = _long(abs(seconds))
    return (
        (f"快 {chinese}", f"{english} ahead of")
        if seconds > 0
        else (
            f"慢 {chinese}",
            f"{english} behind",
        )
    )


def _long(seconds: int) -> tuple[str, str]:
    """A span in its largest whole unit."""
    for unit, chinese, english in _UNITS:
        if seconds >= 2 * unit:
            return f"{seconds // unit} {chinese}", f"{seconds // unit} {english}"
    return f"{seconds} 秒", f"{seconds} s"
