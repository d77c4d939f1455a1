"""What is wrong with time: clocks that differ, and a time that persons have to confirm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

CONFIRM: Final = (
    "核对时间后由两人确认：huxin clock confirm / "
    "compare the clocks; two persons: huxin clock confirm"
)


def of_clock(clock: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Clocks that differ, and a time that persons have to confirm."""
    differences = clock["differences"]
    if differences["differs_s"]:
        yield {
            "code": "clock.differs",
            "message": f"this machine's clock is {differences['differs_s']} s ahead of what "
            "members sign (behind where it is negative): they pass over our signatures, and "
            "lists end early",
            "fix": "校准本机时钟（NTP）/ set this machine's clock by NTP; huxin clock show",
        }
    for one in differences["members"]:
        yield {
            "code": "clock.member-differs",
            "message": f"{one['member']}: its clock is {one['seconds']} s ahead of the others' "
            "(behind where it is negative)",
            "fix": "告知对方运维校准时钟 / tell its operator to set the clock",
        }
    if not clock["confirm"]:
        return
    if clock["trusted"] is None:
        message = (
            f"{clock['members']} other members can sign a time, {clock['needed']} are needed: "
            "nothing that has expired is erased, no key ends"
        )
    else:
        message = (
            f"members sign a time {clock['ahead_s']} s beyond trusted time: more than may be "
            "believed unasked; nothing is erased by it, no key ends"
        )
    yield {"code": "clock.unconfirmed", "message": message, "fix": CONFIRM}
