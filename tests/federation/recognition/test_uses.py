"""What a report of a use has to be, and how uses are counted (BU1 to BU3)."""

from __future__ import annotations

import pytest

from federation.errors import RefusedError
from federation.ids import Date
from federation.recognition.uses import Group, UseTold, check_use, count_uses

DAY, TODAY = Date(20261120), Date(20261129)
HERE = Group("aa" * 16, "内江", "政务中心（演示）")


def refused(result: str, used_on: int) -> str:
    try:
        check_use(result, DAY, Date(used_on), TODAY)
    except RefusedError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("result", "used_on", "code"),
    [
        ("entitled", 20261120, ""),
        ("undecided", 20261129, ""),
        ("not", 20261120, "benefit.not-entitled"),
        ("clear", 20261120, "benefit.not-entitled"),
        ("entitled", 20261119, "benefit.date"),
        ("entitled", 20261130, "benefit.date"),
    ],
)
def test_bu1_bu2_a_use_is_of_an_answer_and_of_its_days(
    result: str, used_on: int, code: str
) -> None:
    assert refused(result, used_on) == code


def told(case: int, used_on: int = 20261125, speaker: str = "a", group: Group = HERE) -> UseTold:
    return UseTold(speaker=speaker, case_id=bytes([case]) * 16, group=group, used_on=Date(used_on))


def test_bu3_a_case_counts_once_as_it_was_said_last() -> None:
    other = HERE._replace(department="住建局（演示）")
    uses = [
        told(1),
        told(1),
        told(2),
        told(1, speaker="b"),
        told(3, group=other),
        told(4, 20261001),
    ]
    assert count_uses(uses, DAY, TODAY) == {HERE: 3, other: 1}
    moved = [told(1), told(1, 20261001)]
    assert count_uses(moved, DAY, TODAY) == {}
    assert count_uses([*uses, told(4)], DAY, TODAY)[HERE] == 4
