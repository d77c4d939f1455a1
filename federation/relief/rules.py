"""What a relief must agree with: the listing that it ends. Pure; numbers continue `feed`'s.

    F21 a relief row that names another subject than its listing does is refused: a row that
        slipped by one line would end the wrong listing. A row without a name is not compared
    F22 a relief decided before its listing was is refused, at every door. A listing that is dated
        in the future (M1) is no measure: what should not stand can always be lifted
    F23 a relief file may name every list that is published here: by the names of all mappings of
        the sources, of the adopted catalogs, and by its id (`node.intake.sources`,
        `node.intake.files`)

F21 and F22 tell what was expected. What cannot be compared any more, because the content of the
listing is erased, is no reason to refuse: relief always arrives.
"""

from __future__ import annotations

from typing import Final

from federation.errors import RefusedError
from federation.ids import Date
from federation.payloads import Listed
from federation.reconcile.plausibility import in_future
from federation.subject_names import normal_name

NAME_DIFFERS: Final = "relief.name-differs"
BEFORE_LISTING: Final = "relief.before-listing"


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
    """Refuse a relief that was decided before what it ends (F22).

    Args:
        listed: what is ended; None where its content is not held.
        decided_on: the day of the relief's decision.
        today: in China, by the later of all clocks.

    Raises:
        RefusedError: `relief.before-listing`.
    """
    if listed is None or in_future(listed.decided_on, today):
        return
    if 0 < decided_on < listed.decided_on:
        message = (
            "修复或撤销决定早于列入决定 / expected a decision not before the listing's, "
            f"≥ {listed.decided_on}, got {decided_on}"
        )
        raise RefusedError(BEFORE_LISTING, message)
