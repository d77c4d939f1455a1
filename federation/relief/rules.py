"""What a relief must agree with: the listing that it ends. Pure; numbers continue `feed`'s.

    F21 a relief row that names another subject than its listing does is refused: a row that
        slipped by one line would end the wrong listing. A row without a name is not compared
    F22 a relief decided before its listing was, or on a day that no clock has reached (M1), is
        refused, at every door: it is a slip of the pen, and who made it is told. The clocks are the
        machine's, trusted time and those of all members heard: one that was set back keeps no
        relief out. A listing that is dated in the future (M1) is no measure: what should not stand
        can always be lifted
    F23 a relief file may name every list that is published here: by the names of all mappings of
        the sources, of the adopted catalogs, and by its id (`node.intake.sources`,
        `node.intake.files`)
    F56 a repair decided before its subject was listed, or before the shortest period of publication
        is over that the listing states or a confirmed entry of the catalog has, may be a slip, and
        may be right. It is published, and whoever brings it is told so: of a file before it is
        published, where it is tried. A withdrawal has no period to wait for

F21 and F22 tell what was expected. What cannot be compared any more, because the content of the
listing is erased, is no reason to refuse: relief always arrives.
"""

from __future__ import annotations

from typing import Final

from federation.dates import add_months
from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import Listed, Listing
from federation.reconcile.plausibility import FUTURE, in_future
from federation.subject_names import normal_name

NAME_DIFFERS: Final = "relief.name-differs"
BEFORE_LISTING: Final = "relief.before-listing"
BEFORE_LISTED: Final = "relief.before-listed"
EARLY: Final = "relief.early"


def check_name(listed: Listed | None, name: str) -> None:
    """Refuse the relief of another subject's listing (F21).

    Args:
        listed: what is ended; None where its content is not held.
        name: of the subject, as the relief row has it; empty where it has none.

    Raises:
        RefusedError: `relief.name-differs`.
    """
    if listed is None or not name:
        return
    expected, got = normal_name(listed.subject.name), normal_name(name)
    if expected and got and expected != got:
        message = (
            f"主体名称与列入不一致 / expected the name {listed.subject.name!r}, got {name!r}; "
            "correct the row, or leave the name out if the subject was renamed"
        )
        raise RefusedError(NAME_DIFFERS, message)


def check_decided(listed: Listed | None, decided_on: Date, today: Date) -> None:
    """Refuse a relief that was decided before what it ends, or is yet to be (F22).

    Args:
        listed: what is ended; None where its content is not held.
        decided_on: the day of the relief's decision.
        today: in China, by the latest of all clocks.

    Raises:
        RefusedError: `date.future`, `relief.before-listing`.
    """
    check_come(decided_on, today)
    if listed is None or in_future(listed.decided_on, today):
        return
    if 0 < decided_on < listed.decided_on:
        message = (
            "修复或撤销决定早于列入决定 / expected a decision not before the listing's, "
            f"≥ {listed.decided_on}, got {decided_on}"
        )
        raise RefusedError(BEFORE_LISTING, message)


def check_come(decided_on: Date, today: Date) -> None:
    """Refuse what rests on a decision of a day that has not come (F22).

    Raises:
        RefusedError: `date.future`.
    """
    if in_future(decided_on, today):
        message = (
            f"决定日期 {decided_on} 在将来，应不晚于今日 {today}，请核对 / expected a day of the "
            f"decision not after today ({today}), got {decided_on}: look at the decision"
        )
        raise RefusedError(FUTURE, message)


def early(listed: Listed | None, decided_on: Date, shortest_months: int) -> str:
    """Why the day of a repair may be a slip of the pen (F56); empty where nothing speaks for it.

    Args:
        listed: what is ended; None where its content is not held.
        decided_on: the day of the repair's decision.
        shortest_months: of publication, by a confirmed entry of the catalog; 0: none says so.
    """
    if not isinstance(listed, Listing) or not decided_on:
        return ""
    if decided_on < listed.listed_on:
        return BEFORE_LISTED
    months = max(listed.publish_shortest_months, shortest_months)
    over = add_months(listed.decided_on, months)
    return EARLY if months and decided_on < over else ""
