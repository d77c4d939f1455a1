"""What is wrong with reliefs elsewhere: members, and third parties, that are late with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

RELIEF_LATE: Final = "relief.late"
DISPLAY_LATE: Final = "display.late"


def of_reliefs(reliefs: dict[str, Any]) -> Iterable[dict[str, str]]:
    """Reliefs that somebody has not executed although it is over."""
    if reliefs["overdue"]:
        who = ", ".join(f"{name} {count}" for name, count in reliefs["by_member"].items())
        oldest = reliefs["oldest"]
        yield {
            "code": RELIEF_LATE,
            "message": f"{reliefs['overdue']} reliefs are not executed in time: {who}; the oldest "
            f"was decided on {oldest['decided_on']} ({oldest['statement_id'][:8]})",
            "fix": "huxin repairs list --late --outstanding; docs/zh/relief.md",
        }


def of_displays(displays: dict[str, Any]) -> Iterable[dict[str, str]]:
    """What third parties were told to take down, and did not acknowledge in time."""
    if displays["overdue"]:
        who = ", ".join(f"{name} {count}" for name, count in displays["by_party"].items())
        yield {
            "code": DISPLAY_LATE,
            "message": f"third parties have not taken down {displays['overdue']} items in time: "
            f"{who}",
            "fix": "催办第三方：huxin repairs displays report；见 docs/zh/relief.md / "
            "remind them: huxin repairs displays report; docs/zh/relief.md",
        }
