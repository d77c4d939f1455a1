"""Where what needs a hand is settled: the page for a code of the status document.

CN12  each code that the first page can show has a page here, or is seen to on the machine, and
      then stands in `ON_THE_MACHINE`: its `fix` and docs/operations/faults.md say how. A link is
      shown to who may see that page, and to nobody else
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_BY_CODE: Final = {
    "request.overdue": "/requests",
    "request.limit": "/requests",
    "relief.late": "/repairs?show=late",
    "display.late": "/displays",
    "outcomes.reopened": "/checks",
    "outcomes.overdue": "/checks",
    "library.none": "/settings",
    "access.stopped": "/settings",
    "access.token-exposed": "/settings",
}
_BY_FAMILY: Final = {
    "catalog": "/settings",
    "charter": "/peers",
    "log": "/peers",
    "queries": "/audit",
}
ON_THE_MACHINE: Final = frozenset(
    {
        "benefits.unsaid",
        "check-workers.away",
        "clock.differs",
        "clock.member-differs",
        "clock.unconfirmed",
        "disk.following",
        "keys.escrow",
        "keys.lookup-ready",
        "opening.pending",
        "openings.lost",
        "outcomes.unsaid",
        "platform.totals-differ",
        "platform.unacknowledged",
        "store.damaged",
    }
)
"""Codes without a page, so far as they are named by the status document itself; what a platform, a
file or a peer is refused for is told under codes of its own, each in docs/operations/faults.md."""


def is_paged(code: str) -> bool:
    """Whether it is settled on some page."""
    return bool(_address(code))


def page_of(code: str, seen: Collection[str]) -> str:
    """The address at which a code is settled, of a page that this person sees; empty: none.

    Args:
        code: of a problem.
        seen: paths of the pages in the person's menu.
    """
    address = _address(code)
    return address if address.partition("?")[0] in seen else ""


def _address(code: str) -> str:
    return _BY_CODE.get(code) or _BY_FAMILY.get(code.partition(".")[0], "")
